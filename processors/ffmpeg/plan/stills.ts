import type { PosterSpec, StoryboardSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import type { Picture } from './picture.ts';

/** Evenly sampled over the whole length; the first one is the first frame. */
export const POSTER_CANDIDATES = 12;
export const POSTER_PATTERN = 'poster-%d.jpg';
/** The tiles before they are laid out, one raw picture after the other. */
export const TILES_FILE = 'storyboard.yuv';
export const STORYBOARD_FILE = 'storyboard.jpg';

// biome-ignore format: an option and its value belong on one line
export const JPEG = ['-c:v', 'mjpeg', '-threads:v', '1', '-q:v', '4', '-fps_mode:v', 'passthrough', '-map_metadata', '-1', '-f', 'image2'];

/**
 * Candidates for the poster; the best of them is taken later (`still-score.ts`). No filter here may wait for more than a frame, nor may the storyboard's: ffmpeg reports no progress before
 * each of its outputs has had its first packet (`thumbnail` of every sixth sample cost the first fifth of all reports,
 * `tile` all of them).
 */
export function posterFilters(picture: Picture, poster: PosterSpec, duration_s: number): string[] {
  if (poster.time_s !== undefined) return [frameAt(poster.time_s), ...picture.still(poster)];
  const step = duration_s / POSTER_CANDIDATES;
  return [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${step.toFixed(6)})'`,
    ...picture.still(poster),
  ];
}

/** Of a given instant: the first frame of all, should there be none at that instant, and the one there. */
const frameAt = (time_s: number) => {
  const at = time_s.toFixed(6);
  return `select='eq(n,0)+gte(t,${at})*lt(prev_selected_t,${at})'`;
};

/** The same of a part of the video: from an instant on, one for each step. */
export const posterFiltersFrom = (
  picture: Picture,
  poster: PosterSpec,
  { from_s, step_s }: { from_s: number; step_s: number },
): string[] => {
  if (poster.time_s !== undefined) return [frameAt(poster.time_s), ...picture.still(poster)];
  return [`select='gte(t,${from_s.toFixed(6)}+selected_n*${step_s.toFixed(6)})'`, ...picture.still(poster)];
};

export const posterFrames = ({ time_s }: PosterSpec) => (time_s === undefined ? POSTER_CANDIDATES : 2);

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
export function tileFilters(picture: Picture, spec: StoryboardSpec, from_s = 0): string[] {
  return [
    `fps=fps=1/${spec.interval_s}:start_time=${from_s}:round=up`,
    ...picture.still({ width: spec.tile_width, height: spec.tile_height }),
  ];
}
