/** A `whisper-cli` of whisper.cpp and a model for it, both found usable at start. */
export interface WhisperProgram {
  path: string;
  model: string;
  /** As it appears in results, e.g. `whisper-base`. */
  name: string;
  /** Models whose names end in `.en` know English only, and write any other language down as English. */
  multilingual: boolean;
}
