import { z } from 'zod';
import { languageCode } from '../language-code.ts';
import { VideoCodec } from './rendition.ts';
import { LEAST_TRIM_S } from './trim.ts';
import { WatermarkLook } from './watermark.ts';

/** Names of x264; other encoders have their own, to which these are mapped. */
export const Preset = z.enum(['ultrafast', 'veryfast', 'faster', 'fast', 'medium', 'slow']);
export type Preset = z.infer<typeof Preset>;

const Language = z
  .string()
  .regex(/^[a-z]{2,3}$/, 'must be an ISO 639 code such as "en" or "eng"')
  .refine((code) => languageCode(code) !== undefined, 'names no language');

/** What one job has otherwise than its profile. Bounded: nothing here may make a job a hundred times as dear. */
export const EncodingOptions = z.object({
  renditions: z
    .array(z.number().int().min(144).max(2160).multipleOf(2))
    .min(1)
    .max(8)
    .refine((sides) => new Set(sides).size === sides.length, 'each height once')
    .optional()
    .describe("Short sides in pixels instead of the profile's ladder; what is above the source is left out."),
  codec: VideoCodec.optional().describe(
    "Of every rendition, instead of the profile's; crf and caps follow for about the same quality, unless named too.",
  ),
  crf: z
    .number()
    .int()
    .min(14)
    .max(51)
    .optional()
    .describe('Constant quality on the scale of the codec; lower is better and larger.'),
  max_bitrate: z
    .number()
    .int()
    .min(100_000)
    .max(120_000_000)
    .optional()
    .describe(
      'Cap of the rate of each rendition in bits per second; the lower one of this and the ladder counts.',
    ),
  preset: Preset.optional().describe('Speed of the encoder against the size of its output.'),
  hls: z.boolean().optional().describe('false: no HLS package.'),
  dash: z
    .boolean()
    .optional()
    .describe('DASH manifest over the segments of HLS, or without HLS. Default: as `hls`.'),
  quality: z
    .boolean()
    .optional()
    .describe('false: no SSIM, PSNR and VMAF; the outputs are still checked to show what the source shows.'),
  captions: z.boolean().optional().describe('false: no transcript.'),
  audio_languages: z
    .union([
      z.literal('all'),
      z
        .array(Language)
        .min(1)
        .max(16)
        .refine((codes) => new Set(codes.map(languageCode)).size === codes.length, 'each language once'),
    ])
    .optional()
    .describe(
      'Sound in these languages, the first that there is as the default; or of every track. Absent: as the profile has it.',
    ),
  trim: z
    .strictObject({
      start_s: z.number().min(0).max(43_200).default(0),
      end_s: z.number().min(0).max(43_200).optional().describe('Absent or beyond the end: to the end.'),
    })
    .refine(
      ({ start_s, end_s = 50_000 }) => end_s - start_s >= LEAST_TRIM_S,
      'the end must come after the start',
    )
    .optional()
    .describe(
      'Seconds of the source: outputs are made of this part alone, and their time counts from its start.',
    ),
  watermark: WatermarkLook.optional().describe(
    'How the picture that comes with it is laid on each rendition.',
  ),
  poster_time_s: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe(
      'The thumbnail is the frame of this instant, at most the last one; absent: a rich one is chosen.',
    ),
  preview: z.boolean().optional().describe('false: no animated preview.'),
  loudness: z
    .strictObject({
      target_lufs: z.number().min(-36).max(-8).describe('Integrated loudness, e.g. -14 or -23 (EBU R128).'),
    })
    .optional()
    .describe(
      'The sound is brought to this loudness in two passes (measure, then one gain where peaks allow).',
    ),
});
export type EncodingOptions = z.infer<typeof EncodingOptions>;

/** These alone, of options that have more. */
export const encodingOptions = (options: EncodingOptions): EncodingOptions => {
  const own = Object.keys(EncodingOptions.shape);
  // Absent ones stay absent: events hold what was asked for.
  return EncodingOptions.parse(
    Object.fromEntries(
      Object.entries(options).filter(([name, value]) => own.includes(name) && value !== undefined),
    ),
  );
};
