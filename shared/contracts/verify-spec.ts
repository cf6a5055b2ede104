import { z } from 'zod';
import { MediaInfo } from './media.ts';
import { ObjectRef } from './object-ref.ts';
import { Rendition, VideoCodec } from './rendition.ts';
import { ChunkProof } from './task-results.ts';
import { Trim } from './trim.ts';
import { Watermark } from './watermark.ts';

/** The output gate: nothing is available that did not pass it. */
export const VerifySpec = z.object({
  kind: z.literal('verify'),
  source: ObjectRef,
  media: MediaInfo,
  trim: Trim.optional(),
  watermark: Watermark.optional(),
  renditions: z.array(
    Rendition.pick({ name: true, width: true, height: true }).extend({
      object: ObjectRef,
      codec: VideoCodec.optional().describe('Absent: H.264.'),
      max_bitrate: z.number().optional().describe('Where the rate comes near it, the floor is not asked.'),
      least_ssim: z.number().optional().describe('Floor of the quality; absent: none.'),
      chunks: z
        .array(ChunkProof)
        .optional()
        .describe(
          'What it was joined of, each part decoded and compared with the source where it was encoded.',
        ),
    }),
  ),
  audio: z
    .object({
      object: ObjectRef,
      stream_index: z
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe('Of the source, which it was made of; absent: the default track, or the first.'),
    })
    .optional(),
  audio_alternates: z
    .array(z.object({ name: z.string(), object: ObjectRef, stream_index: z.number().int().nonnegative() }))
    .optional(),
  hls: z
    .object({
      prefix: z.string(),
      master: z.string(),
      manifest: z.string().optional().describe('Of DASH, over the same segments.'),
      texts: z.array(z.string()).optional().describe('Names of the text tracks; absent: not looked at.'),
    })
    .optional(),
  quality: z
    .literal(false)
    .optional()
    .describe('Present where no figures are wanted: then only the first second is held against the source.'),
});
export type VerifySpec = z.infer<typeof VerifySpec>;
