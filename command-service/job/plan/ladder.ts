import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { Rendition } from '@transcodeflow/shared/contracts/tasks.ts';
import { fitShortSide } from './fit.ts';
import type { Profile, Rung } from './profiles.ts';

/** A rendition never needs more than the source had: x264 at the same size rarely beats it by spending more. */
const SHARE_OF_SOURCE_BITRATE = 0.9;
const LEAST_BITRATE = 100_000;

/**
 * The rungs that fit into the source, by its short side, so that portrait video gets the same ladder. Nothing is
 * scaled up: a source smaller than every rung gets one rendition of its own size, named after it.
 */
export function planLadder(media: MediaInfo, profile: Profile): Pick<Plan, 'renditions' | 'skipped'> {
  const shortSide = Math.min(media.video.width, media.video.height);
  const fitting = profile.ladder.filter((rung) => rung.short_side <= shortSide);
  const skipped = profile.ladder
    .filter((rung) => rung.short_side > shortSide)
    .map((rung) => ({
      output: `${rung.short_side}p`,
      reason: `The source is ${media.video.width}x${media.video.height}: video is never scaled up`,
    }));
  const lowest = profile.ladder[0];
  if (fitting.length === 0 && lowest)
    fitting.push({ ...lowest, short_side: Math.max(2, shortSide - (shortSide % 2)) });
  return { renditions: fitting.map((rung) => rendition(rung, media, profile)), skipped };
}

const rendition = (rung: Rung, media: MediaInfo, profile: Profile): Rendition => ({
  name: `${rung.short_side}p`,
  ...fitShortSide(media.video, rung.short_side),
  codec: 'h264',
  crf: profile.crf,
  preset: profile.preset,
  max_bitrate: Math.round(Math.max(LEAST_BITRATE, Math.min(rung.max_bitrate, sourceCap(media)))),
});

const sourceCap = (media: MediaInfo): number => {
  const bitrate = media.video.bitrate ?? media.bitrate;
  return bitrate ? bitrate * SHARE_OF_SOURCE_BITRATE : Number.POSITIVE_INFINITY;
};
