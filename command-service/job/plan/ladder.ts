import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import type { Profile, Rung } from '@transcodeflow/shared/contracts/rest/profiles.ts';
import { rungOf, standardLadder } from '@transcodeflow/shared/profiles/standard-ladder.ts';
import { fitShortSide } from './fit.ts';

/** A rendition never needs more than the source had: x264 at the same size rarely beats it by spending more. */
const SHARE_OF_SOURCE_BITRATE = 0.9;
const LEAST_BITRATE = 100_000;

type Video = NonNullable<Profile['video']>;

/**
 * The rungs that fit into the source, by its short side, so that portrait video gets the same ladder. Nothing is
 * scaled up: a source smaller than every rung gets one rendition of its own size, named after it.
 */
export function planLadder(
  media: Film,
  video: Video,
  options: EncodingOptions,
): Pick<Plan, 'renditions' | 'skipped'> {
  const shortSide = Math.min(media.video.width, media.video.height);
  const own = Math.max(2, shortSide - (shortSide % 2));
  const ladder = rungs(video, options, own);
  const fitting = ladder.filter((rung) => rung.short_side <= shortSide);
  const skipped = ladder
    .filter((rung) => rung.short_side > shortSide)
    .map((rung) => ({
      output: `${rung.short_side}p`,
      reason: `The source is ${media.video.width}x${media.video.height}: video is never scaled up`,
    }));
  const lowest = ladder[0];
  if (fitting.length === 0 && lowest) fitting.push({ ...lowest, short_side: own });
  return { renditions: fitting.map((rung) => rendition(rung, media, video, options)), skipped };
}

/** Lowest first: those that the client names, else the profile's, else one of the source's size. */
function rungs(
  { codec, ladder, max_bitrate }: Video,
  { renditions }: EncodingOptions,
  own: number,
): readonly Rung[] {
  const standard = standardLadder(codec);
  if (renditions)
    return renditions
      .toSorted((a, b) => a - b)
      .map((side) => rungOf(side, max_bitrate ? [{ short_side: side, max_bitrate }] : standard));
  if (ladder) return ladder;
  return [max_bitrate ? { short_side: own, max_bitrate } : rungOf(own, standard)];
}

const rendition = (rung: Rung, media: Film, video: Video, options: EncodingOptions): Rendition => ({
  name: `${rung.short_side}p`,
  ...fitShortSide(media.video, rung.short_side),
  codec: video.codec,
  crf: options.crf ?? video.crf,
  preset: options.preset ?? video.preset,
  max_bitrate: Math.round(
    Math.max(
      LEAST_BITRATE,
      Math.min(
        rung.max_bitrate,
        options.max_bitrate ?? rung.max_bitrate,
        video.cap_by_source ? sourceCap(media) : rung.max_bitrate,
      ),
    ),
  ),
  // Who asks for less quality than the profile's gets it.
  ...((options.crf ?? video.crf) <= video.crf ? { least_ssim: video.least_ssim } : {}),
});

const sourceCap = (media: Film): number => {
  const bitrate = media.video.bitrate ?? media.bitrate;
  return bitrate ? bitrate * SHARE_OF_SOURCE_BITRATE : Number.POSITIVE_INFINITY;
};
