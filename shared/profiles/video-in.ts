import type { VideoCodec } from '../contracts/rendition.ts';
import type { Profile } from '../contracts/rest/profiles.ts';
import { scaledCap } from './standard-ladder.ts';

type Video = NonNullable<Profile['video']>;

/** Of about the same quality, as the profiles named after the codecs have them. AV1's scale goes to 63, the others to 51. */
const CRF: Readonly<Record<VideoCodec, { at: number; steps: number }>> = {
  h264: { at: 23, steps: 51 },
  hevc: { at: 26, steps: 51 },
  av1: { at: 35, steps: 63 },
};

/** A profile's video in another codec: its crf for about the same quality, its caps for the bytes that this takes. */
export function videoIn(video: Video, codec: VideoCodec): Video {
  const [from, to] = [CRF[video.codec], CRF[codec]];
  const cap = (bitrate: number) => scaledCap(bitrate, video.codec, codec);
  const { max_bitrate, ladder } = video;
  return {
    ...video,
    codec,
    crf: Math.round(to.at + ((video.crf - from.at) * to.steps) / from.steps),
    ladder: ladder?.map((rung) => ({ ...rung, max_bitrate: cap(rung.max_bitrate) })) ?? null,
    ...(max_bitrate !== undefined && { max_bitrate: cap(max_bitrate) }),
  };
}
