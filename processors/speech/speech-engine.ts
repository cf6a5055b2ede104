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
  /** Called with the seconds of audio that were worked through so far. */
  onProgress?: (processed_s: number) => void;
}

/**
 * Something that turns speech into text. The embedded engine knows English; another one (for example
 * whisper.cpp with a model that the operator provides) takes its place by implementing this.
 */
export interface SpeechEngine {
  /** As it appears in results, e.g. `moonshine-tiny`. */
  readonly name: string;
  /** ISO 639-1 codes it transcribes. */
  readonly languages: readonly string[];
  /**
   * Reads mono 32-bit little-endian floats at 16 kHz to the end and yields what was said, in order, while
   * it goes on. Leaving the loop early stops the engine; the caller then closes `pcm`.
   * @throws {SpeechEngineMissingError} when a part of the engine is not installed
   * @throws {TaskError} `out_of_memory`
   */
  transcribe(pcm: Readable, options: TranscribeOptions): AsyncGenerator<Utterance, void, undefined>;
}

/** The engine cannot run on this machine; the message says which part is missing. */
export class SpeechEngineMissingError extends Error {
  override name = 'SpeechEngineMissingError';
}
