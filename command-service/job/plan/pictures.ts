import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { fitShortSide } from './fit.ts';

const POSTER_SHORT_SIDE = 720;
const TILE_SHORT_SIDE = 90;
const COLUMNS = 10;
const MOST_TILES = 100;
const LEAST_INTERVAL_S = 1;

export function planPoster({ video }: MediaInfo): NonNullable<Plan['poster']> {
  return fitShortSide(video, Math.min(POSTER_SHORT_SIDE, video.width, video.height));
}

/** One sheet whatever the length: at most 100 tiles, at least a second apart. */
export function planStoryboard({ video, duration_s }: MediaInfo): NonNullable<Plan['storyboard']> {
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
