import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { fitShortSide } from './fit.ts';

const POSTER_SHORT_SIDE = 720;
const TILE_SHORT_SIDE = 90;
const COLUMNS = 10;
const MOST_TILES = 100;
const LEAST_INTERVAL_S = 1;
const PREVIEW_SHORT_SIDE = 180;

/** Of an instant beyond the end, the last frame; half a frame early, since time stamps are rounded. */
export function planPoster(
  { video, duration_s }: Film,
  { poster_time_s }: EncodingOptions,
): NonNullable<Plan['poster']> {
  const size = fitShortSide(video, Math.min(POSTER_SHORT_SIDE, video.width, video.height));
  if (poster_time_s === undefined) return size;
  const frame_s = 1 / (video.frame_rate ?? 25);
  return { ...size, time_s: Math.max(0, Math.min(poster_time_s, duration_s - frame_s) - frame_s / 2) };
}

/** One sheet whatever the length: at most 100 tiles, at least a second apart. */
export function planStoryboard({ video, duration_s }: Film): NonNullable<Plan['storyboard']> {
  const interval_s = Math.max(LEAST_INTERVAL_S, Math.ceil(duration_s / MOST_TILES));
  const tiles = Math.max(1, Math.min(MOST_TILES, Math.ceil(duration_s / interval_s)));
  const tile = fitShortSide(video, Math.min(TILE_SHORT_SIDE, video.width, video.height));
  const columns = Math.min(COLUMNS, tiles);
  return {
    interval_s,
    tile_width: tile.width,
    tile_height: tile.height,
    columns,
    rows: Math.ceil(tiles / columns),
  };
}

/** Five moments of 0.8 s, eight pictures a second: about 100 kB. */
export function planPreview({ video }: Film): NonNullable<Plan['preview']> {
  const size = fitShortSide(video, Math.min(PREVIEW_SHORT_SIDE, video.width, video.height));
  return { ...size, frame_rate: 8, moments: 5, moment_s: 0.8 };
}
