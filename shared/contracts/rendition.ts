import { z } from 'zod';

/** Codecs that videos are encoded in. */
export const VideoCodec = z.enum(['h264', 'hevc', 'av1']);
export type VideoCodec = z.infer<typeof VideoCodec>;

/** One rung of the ladder: the encoder's settings for one output video. */
export const Rendition = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .describe('Public name and file stem, e.g. `720p`: the short side in pixels.'),
    width: z.number().int().positive().describe('Even pixels, rotation applied.'),
    height: z.number().int().positive(),
    codec: VideoCodec,
    crf: z
      .number()
      .describe(
        "Constant quality on the codec's scale (lower is better); hardware encoders map it to their own.",
      ),
    preset: z.string(),
    max_bitrate: z
      .number()
      .int()
      .positive()
      .describe('Cap of the rate in bits per second (VBV maxrate; the buffer holds two seconds).'),
    least_ssim: z
      .number()
      .optional()
      .describe(
        'Floor of the quality where the constant quality decides, not the cap of the rate; absent: none.',
      ),
  })
  .meta({
    id: 'Rendition',
    description: "One rung of the ladder: the encoder's settings for one output video.",
  });
export type Rendition = z.infer<typeof Rendition>;
