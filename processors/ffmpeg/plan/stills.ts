import type { StoryboardSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import type { Picture, Size } from './picture.ts';

/** Frames looked at for the poster, and how many of them compete for one candidate. */
const SAMPLES = 30;
const PER_CANDIDATE = 6;
export const POSTER_CANDIDATES = SAMPLES / PER_CANDIDATE;
export const POSTER_PATTERN = 'poster-%d.jpg';
export const STORYBOARD_FILE = 'storyboard.jpg';

/**
 * Candidates for the poster: of every six frames, sampled over the whole length, the one closest to their common
 * histogram. The largest JPEG of them is taken later: black and flat frames have nothing to spend bytes on.
 */
export function posterFilters(picture: Picture, poster: Size, duration_s: number): string[] {
  const step = duration_s / SAMPLES;
  return [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${step.toFixed(6)})'`,
    ...picture.still(poster),
    `thumbnail=n=${PER_CANDIDATE}`,
  ];
}

export interface Grid {
  columns: number;
  rows: number;
  /** Filled cells. */
  tiles: number;
}

/** One tile for each started interval, in no more cells than they need. */
export function storyboardGrid({ interval_s, columns, rows }: StoryboardSpec, duration_s: number): Grid {
  // A thousandth of an interval is rounding, not a started one.
  const wanted = Math.max(1, Math.ceil(duration_s / interval_s - 0.001));
  const tiles = Math.min(wanted, columns * rows);
  const used = Math.min(columns, tiles);
  return { columns: used, rows: Math.ceil(tiles / used), tiles };
}

/** Tile n is what the screen shows at n intervals: rounding up takes the last frame at or before that instant. */
export function storyboardFilters(picture: Picture, spec: StoryboardSpec, duration_s: number): string[] {
  const { columns, rows } = storyboardGrid(spec, duration_s);
  return [
    `fps=fps=1/${spec.interval_s}:start_time=0:round=up`,
    ...picture.still({ width: spec.tile_width, height: spec.tile_height }),
    `tile=${columns}x${rows}`,
  ];
}
