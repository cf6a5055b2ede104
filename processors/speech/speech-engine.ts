import type { Readable } from 'node:stream';

/** Sample rate of everything in this folder, in Hz: what the models were trained on. */
export const SAMPLE_RATE = 16_000;

/** A stretch of uninterrupted speech with what was said in it. */
export interface Utterance {
  /** Seconds from the start of the source; where the voice begins and ends, without padding. */
  start: number;
  end: number;
  text: string;
  /** Inner pauses of the voice in seconds from the start of the source, in order. */
  pauses: readonly Pause[];
  /** Number of text tokens, and the sum of their natural-log probabilities. */
  tokens: number;
  log_probability: number;
}

export interface Pause {
  start: number;
  end: number;
}

export interface TranscribeOptions {
  /** Aborted: the engine's process is killed at once and the iteration rejects with the signal's reason. */
  signal: AbortSignal;
  /** What the engine's process may take; absent: any amount. */
  memory_bytes?: number | undefined;
  /** An empty folder for its files, which it removes; the caller's on a crash. */
  workFolder: string;
  /** Threads it may use; absent: as many as it likes. */
  threads?: number | undefined;
  /** ISO 639-1, one of `languages`; absent: unknown. */
  language?: string | undefined;
  /** Settles when all of the sound has come, or rejects when it is cut off; the engine then rejects too. */
  decoded?: Promise<void>;
  /** Called with the command line of a program of the operator's, for the job's history. */
  ran?: (command: readonly string[]) => void;
  /** Called with the language it found, before its first utterance, by an engine that can tell. */
  onLanguage?: (language: string) => void;
  /** Called with the seconds of audio that were worked through so far. */
  onProgress?: (processed_s: number) => void;
}

/**
 * Something that turns speech into text. The embedded engine (`moonshine-engine.ts`) knows English; whisper.cpp with a
 * model that the operator provides (`whisper-engine.ts`) knows the others.
 */
export interface SpeechEngine {
  /** As it appears in results, e.g. `moonshine-tiny`. */
  readonly name: string;
  /** ISO 639-1 codes it transcribes; absent: many, and it tells by itself which one it hears. */
  readonly languages?: readonly string[];
  /**
   * Reads mono 32-bit little-endian floats at 16 kHz to the end and yields what was said, in order, while
   * it goes on. Leaving the loop early stops the engine; the caller then closes `pcm`.
   * @throws {SpeechEngineMissingError} when a part of the engine is not installed
   * @throws {SpeechLanguageError} when it does not know `language` after all
   * @throws {TaskError} `out_of_memory`
   */
  transcribe(pcm: Readable, options: TranscribeOptions): AsyncGenerator<Utterance, void, undefined>;
}

/** The engine cannot run on this machine; the message says which part is missing. */
export class SpeechEngineMissingError extends Error {
  override name = 'SpeechEngineMissingError';
}

/** The engine does not know the language that it was asked for. */
export class SpeechLanguageError extends Error {
  override name = 'SpeechLanguageError';
}
