import type { ProgressUpdate } from '../progress-update.ts';
import type { ProgressReport } from './progress-report.ts';

/** How much a run is expected to write; without either, no fraction can be told. */
export interface Expectation {
  /** Seconds. */
  duration_s?: number;
  /** Where the output's clock begins. Default 0. */
  start_s?: number;
  /** Of the first video output. */
  frames?: number;
  /** Of the source, where it is read once from end to end: tells how far a run is before its first report. */
  source_bytes?: number;
}

/**
 * What a run has done, from ffmpeg's reports. `out_time` alone will not do: since ffmpeg 7 it is that of the output
 * furthest behind, and a poster with a frame every five minutes is always minutes behind. `frame` counts the first
 * video output and rises all the time. The fraction never falls, though reports may.
 */
export class ProgressEstimate {
  readonly #expected: Expectation;
  readonly #clock_s: () => number;
  readonly #started_s: number;
  #fraction = 0;

  /** @param clock_s seconds of a monotonic clock */
  constructor(expected: Expectation, clock_s = () => performance.now() / 1000) {
    this.#expected = expected;
    this.#clock_s = clock_s;
    this.#started_s = clock_s();
  }

  add({ out_time_s = 0, frame = 0, fps }: ProgressReport): ProgressUpdate {
    const { duration_s, frames, start_s = 0 } = this.#expected;
    const done = Math.max(duration_s ? (out_time_s - start_s) / duration_s : 0, frames ? frame / frames : 0);
    return this.#update(done, fps);
  }

  /** @param fraction of the source that was read */
  read(fraction: number): ProgressUpdate {
    return this.#update(fraction);
  }

  #update(done: number, fps?: number): ProgressUpdate {
    const { duration_s } = this.#expected;
    this.#fraction = Math.min(1, Math.max(this.#fraction, done));
    const elapsed_s = this.#clock_s() - this.#started_s;
    // ffmpeg's own `speed` is out_time's.
    const speed = duration_s && elapsed_s > 0 ? (this.#fraction * duration_s) / elapsed_s : 0;
    return {
      fraction: this.#fraction,
      ...(fps !== undefined && { fps }),
      ...(duration_s && speed > 0 && { speed, eta_s: ((1 - this.#fraction) * duration_s) / speed }),
    };
  }
}
