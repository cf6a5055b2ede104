import { z } from 'zod';

export const AudioEncoding = z
  .object({
    stream_index: z.number().int().nonnegative(),
    codec: z.enum(['aac']),
    bitrate: z.number().int().positive().describe('Bits per second.'),
    channels: z.number().int().positive(),
    language: z.string().optional(),
    loudness: z
      .object({ target_lufs: z.number().describe('Integrated loudness, EBU R128.') })
      .optional()
      .describe('Normalised to this in two passes; absent: left as it is.'),
  })
  .meta({ id: 'AudioEncoding' });
export type AudioEncoding = z.infer<typeof AudioEncoding>;

/** Sound of another language or kind than the default's, for a viewer to choose. */
export const AlternateAudio = AudioEncoding.extend({
  name: z
    .string()
    .regex(/^audio-[a-z0-9-]+$/)
    .describe('File stem and folder in the package, e.g. `audio-de`.'),
  title: z.string().optional(),
}).meta({
  id: 'AlternateAudio',
  description: "Sound of another language or kind than the default's, for a viewer to choose.",
});
export type AlternateAudio = z.infer<typeof AlternateAudio>;
