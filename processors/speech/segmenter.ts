import { type Pause, SAMPLE_RATE } from './speech-engine.ts';

/** Samples per decision about voice: 32 ms, what Silero VAD v5 takes at 16 kHz. */
export const FRAME_SAMPLES = 512;
const FRAME_S = FRAME_SAMPLES / SAMPLE_RATE;
const frames = (seconds: number): number => Math.round(seconds / FRAME_S);

/** A voice begins above the first and ends below the second, so that a wavering figure does not chop words. */
const VOICE_ON = 0.5;
const VOICE_OFF = 0.35;
/** Context before and after the voice for the model; 0.15 s and 0.4 s gave clearly more word errors. */
const PADDING = frames(0.3);
/** The longest piece for the model, padding included; its errors grow beyond. */
const LONGEST = frames(15) - 2 * PADDING;
/** A silence this long ends a piece: twice the padding, so that neighbours do not hear each other's words. */
const ENDING_SILENCE = 2 * PADDING;
/** Clicks and coughs. */
const SHORTEST = frames(0.2);
/** A piece that grows too long is cut at its quietest frame in this last part. */
const CUT_WITHIN = frames(6);
/** Shorter dips are part of words. */
const SHORTEST_PAUSE = frames(0.15);

/** Audio of one stretch of speech, padded, ready for the model. */
export interface Piece {
  samples: Float32Array;
  /** Seconds from the start of the recording; the voice itself, without the padding. */
  start: number;
  end: number;
  pauses: Pause[];
}

interface Frame {
  samples: Float32Array;
  probability: number;
}

/**
 * Cuts a recording into pieces of speech from the voice probability of each frame.
 * Holds at most 15 seconds of audio, however long the recording or its silences are.
 */
export class Segmenter {
  /** The frames kept; the first is number `#first` of the recording. */
  #kept: Frame[] = [];
  #first = 0;
  /** Index in `#kept` of the voice's first frame, or -1 outside of speech. */
  #start = -1;
  /** Index in `#kept` after the last frame with a voice. */
  #end = 0;

  /** @returns the piece that this frame completes. */
  push(samples: Float32Array, probability: number): Piece | undefined {
    this.#kept.push({ samples, probability });
    const count = this.#kept.length;
    if (this.#start < 0) {
      if (probability >= VOICE_ON) {
        this.#start = count - 1;
        this.#end = count;
      } else if (count > PADDING) {
        this.#drop(count - PADDING);
      }
      return undefined;
    }
    if (probability >= VOICE_OFF) this.#end = count;
    if (count - this.#end >= ENDING_SILENCE) return this.#finish(this.#end);
    if (count - this.#start >= LONGEST) return this.#cut();
    return undefined;
  }

  /** @returns the piece that the end of the recording completes. */
  flush(): Piece | undefined {
    return this.#start < 0 ? undefined : this.#finish(this.#end);
  }

  /** Speech without a pause: cut at the quietest moment, and what follows begins a new piece. */
  #cut(): Piece | undefined {
    const from = this.#kept.length - CUT_WITHIN;
    let at = from;
    for (let index = from; index < this.#kept.length; index++) {
      if (this.#probability(index) < this.#probability(at)) at = index;
    }
    const piece = this.#piece(this.#start, Math.min(at, this.#end), 0);
    // Padding of the next piece: none of the words of this one, hence from the cut on.
    this.#drop(at);
    const voice = this.#kept.findIndex((frame) => frame.probability >= VOICE_OFF);
    this.#start = voice;
    this.#end = voice < 0 ? 0 : this.#kept.findLastIndex((frame) => frame.probability >= VOICE_OFF) + 1;
    return piece;
  }

  #finish(end: number): Piece | undefined {
    const piece = end - this.#start < SHORTEST ? undefined : this.#piece(this.#start, end, PADDING);
    this.#start = -1;
    this.#drop(Math.max(0, this.#kept.length - PADDING));
    return piece;
  }

  #piece(start: number, end: number, paddingAfter: number): Piece {
    const padded = this.#kept.slice(Math.max(0, start - PADDING), end + paddingAfter);
    const samples = new Float32Array(padded.length * FRAME_SAMPLES);
    for (const [index, frame] of padded.entries()) samples.set(frame.samples, index * FRAME_SAMPLES);
    return {
      samples,
      start: this.#seconds(start),
      end: this.#seconds(end),
      pauses: this.#pauses(start, end),
    };
  }

  #pauses(start: number, end: number): Pause[] {
    const pauses: Pause[] = [];
    let from = start;
    for (let index = start; index < end; index++) {
      if (this.#probability(index) < VOICE_OFF) continue;
      if (index - from >= SHORTEST_PAUSE)
        pauses.push({ start: this.#seconds(from), end: this.#seconds(index) });
      from = index + 1;
    }
    return pauses;
  }

  #probability(index: number): number {
    return this.#kept[index]?.probability ?? 0;
  }

  #seconds(index: number): number {
    return (this.#first + index) * FRAME_S;
  }

  #drop(count: number): void {
    this.#kept.splice(0, count);
    this.#first += count;
  }
}
