import { ProfileName } from '../contracts/rest/jobs.ts';
import { Profile } from '../contracts/rest/profiles.ts';
import { standardLadder } from './standard-ladder.ts';

const AUDIO = { codec: 'aac', bitrate: 128_000 };
const LANGUAGES = { ...AUDIO, languages: 'tagged' };
/**
 * What constant quality alone never fell below: pure noise over a film had 0.69 (x264, crf 23), 0.67 (x265, crf 26), 0.70
 * (SVT-AV1, crf 35), films 0.90 to 0.98.
 */
const LEAST_SSIM = 0.6;
const TIMES = { gop_s: 2, segment_s: 4 };

/**
 * Every profile, by its name. Rates of `hevc` and `av1` are those of H.264 times what the codecs need for about the same
 * quality; a rate is a cap, and the constant quality (crf) decides below it.
 */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  default: Profile.parse({
    name: 'default',
    description: '360p and 720p in H.264, for every player.',
    video: {
      codec: 'h264',
      ladder: [
        { short_side: 360, max_bitrate: 1_200_000 },
        { short_side: 720, max_bitrate: 4_000_000 },
      ],
      crf: 23,
      least_ssim: LEAST_SSIM,
      // x264: `fast` is within 2 % of the size of `medium` for 14 % less CPU; `veryfast` costs 13 % more bytes.
      preset: 'fast',
      cap_by_source: true,
    },
    audio: AUDIO,
    ...TIMES,
  }),
  web: Profile.parse({
    name: 'web',
    description: 'A full H.264 ladder from 240p up to the size of the source.',
    video: {
      codec: 'h264',
      ladder: standardLadder('h264'),
      crf: 23,
      least_ssim: LEAST_SSIM,
      preset: 'fast',
      cap_by_source: true,
    },
    audio: LANGUAGES,
    ...TIMES,
  }),
  hevc: Profile.parse({
    name: 'hevc',
    description:
      'The ladder of `web` in HEVC (hvc1): fewer bytes for Apple players, televisions and most phones.',
    video: {
      codec: 'hevc',
      ladder: standardLadder('hevc'),
      crf: 26,
      least_ssim: LEAST_SSIM,
      preset: 'fast',
      cap_by_source: true,
    },
    audio: LANGUAGES,
    ...TIMES,
  }),
  av1: Profile.parse({
    name: 'av1',
    description: 'The ladder of `web` in AV1: the fewest bytes, for players of the last years.',
    video: {
      codec: 'av1',
      ladder: standardLadder('av1'),
      crf: 35,
      least_ssim: LEAST_SSIM,
      preset: 'fast',
      cap_by_source: true,
    },
    audio: LANGUAGES,
    ...TIMES,
  }),
  'audio-only': Profile.parse({
    name: 'audio-only',
    description: 'The sound alone, as a file, as HLS and as a transcript.',
    video: null,
    audio: AUDIO,
    ...TIMES,
  }),
  archive: Profile.parse({
    name: 'archive',
    description: 'One rendition of the size of the source, of a quality to encode from again.',
    video: {
      codec: 'h264',
      ladder: null,
      max_bitrate: 120_000_000,
      crf: 16,
      least_ssim: 0.65,
      preset: 'slow',
      cap_by_source: false,
    },
    audio: { codec: 'aac', bitrate: 320_000 },
    ...TIMES,
  }),
};

/** The profile of a stored request; undefined where there is none of this name. */
export function profileOf(name: string): Profile | undefined {
  const known = ProfileName.safeParse(name);
  return known.success ? profiles[known.data] : undefined;
}
