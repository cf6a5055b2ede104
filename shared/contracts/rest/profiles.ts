import { z } from 'zod';
import { VideoCodec } from '../rendition.ts';
import { ProfileName } from './jobs.ts';

const bits = (what: string) => z.number().int().positive().describe(`${what}, in bits per second.`);

/** One rung of a ladder. */
export const Rung = z
  .strictObject({
    short_side: z
      .number()
      .int()
      .positive()
      .describe('Of the picture, in pixels: portrait video has the same rungs.'),
    max_bitrate: bits('Cap of the rate'),
  })
  .meta({ id: 'Rung' });
export type Rung = z.infer<typeof Rung>;

const VideoSettings = z
  .strictObject({
    codec: VideoCodec,
    ladder: z
      .array(Rung)
      .nullable()
      .describe(
        'Rungs above the source are left out: nothing is scaled up. null: one rendition of its size.',
      ),
    max_bitrate: bits('Cap of the one rendition where there is no ladder').optional(),
    crf: z.number().describe('Constant quality on the scale of the codec; lower is better.'),
    least_ssim: z
      .number()
      .min(0)
      .max(1)
      .describe(
        'A rendition of less (SSIM of the luma, sampled) fails its check, unless the cap of its rate or a higher crf of the job is the reason.',
      ),
    preset: z.string().describe("Speed against size, by x264's names; mapped to the codec's own."),
    cap_by_source: z
      .boolean()
      .describe('Whether a rendition has at most nine tenths of the rate of its source.'),
  })
  .meta({ id: 'VideoSettings' });

/** What a job of this profile makes, unless its own options say otherwise. */
export const Profile = z
  .strictObject({
    name: ProfileName,
    description: z.string(),
    video: VideoSettings.nullable().describe('null: the profile makes no video.'),
    audio: z.strictObject({
      codec: z.literal('aac'),
      bitrate: bits('Of stereo; mono has half of it'),
      languages: z
        .literal('tagged')
        .optional()
        .describe('One track of each language that the source names; absent: the default track alone.'),
    }),
    gop_s: z.number().positive().describe('Seconds between keyframes.'),
    segment_s: z.number().positive().describe('Target length of an HLS segment in seconds.'),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

/** The answer of `GET /api/profiles`. */
export const ProfileList = z.strictObject({ profiles: z.array(Profile) }).meta({ id: 'ProfileList' });
export type ProfileList = z.infer<typeof ProfileList>;
