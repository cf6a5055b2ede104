import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { posterInstants, tileInstants } from './chunk-window.ts';
import type { Encoding } from './encoding.ts';
import type { Picture } from './picture.ts';
import { posterFilters, posterFiltersFrom, posterFrames, storyboardGrid, tileFilters } from './stills.ts';

/** The pictures that are taken on the way: how many, and through which filters. */
export function stillsOf({ window, poster, storyboard, media, trim }: Encoding) {
  const duration_s = shownSeconds(media, trim);
  const instants = window && poster && posterInstants(window, poster);
  const frames = poster && (instants?.count === 0 ? 0 : posterFrames(poster));
  const tiles =
    storyboard &&
    (window
      ? tileInstants(window, storyboard)
      : { from_s: 0, count: storyboardGrid(storyboard, duration_s).tiles });
  return {
    ...(poster && frames
      ? {
          poster: {
            frames: poster.time_s === undefined ? (instants?.count ?? frames) : frames,
            least: instants?.least ?? 1,
            filters: (picture: Picture) =>
              instants
                ? posterFiltersFrom(picture, poster, instants)
                : posterFilters(picture, poster, duration_s),
          },
        }
      : {}),
    ...(storyboard && tiles?.count
      ? {
          tiles: {
            frames: tiles.count,
            filters: (picture: Picture) => tileFilters(picture, storyboard, tiles.from_s),
          },
        }
      : {}),
  };
}
