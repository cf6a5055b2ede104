import { z } from 'zod';

/** Names of x264; other encoders have their own, to which these are mapped. */
export const Preset = z.enum(['ultrafast', 'veryfast', 'fast', 'medium', 'slow']);
export type Preset = z.infer<typeof Preset>;

/** What one job has otherwise than its profile. Bounded: nothing here may make a job a hundred times as dear. */
export const EncodingOptions = z.object({
  renditions: z
    .array(z.number().int().min(144).max(2160).multipleOf(2))
    .min(1)
    .max(8)
    .refine((sides) => new Set(sides).size === sides.length, 'each height once')
    .optional()
    .describe("Short sides in pixels instead of the profile's ladder; what is above the source is left out."),
  crf: z
    .number()
    .int()
    .min(14)
    .max(51)
    .optional()
    .describe("Constant quality on the scale of the profile's codec; lower is better and larger."),
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
  quality: z
    .boolean()
    .optional()
    .describe('false: no SSIM, PSNR and VMAF; the outputs are still checked to show what the source shows.'),
  captions: z.boolean().optional().describe('false: no transcript.'),
  poster_time_s: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe(
      'The thumbnail is the frame of this instant, at most the last one; absent: a rich one is chosen.',
    ),
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
  const { renditions, crf, max_bitrate, preset, hls, quality, captions, poster_time_s, loudness } = options;
  const all = { renditions, crf, max_bitrate, preset, hls, quality, captions, poster_time_s, loudness };
  // Absent ones stay absent: events hold what was asked for.
  return EncodingOptions.parse(
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  );
};
