import { z } from 'zod';

/** What the engine's process tells the process that started it. */
export const MoonshineMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('utterance'),
    utterance: z.object({
      start: z.number(),
      end: z.number(),
      text: z.string(),
      pauses: z.array(z.object({ start: z.number(), end: z.number() })),
      tokens: z.number(),
      log_probability: z.number(),
    }),
  }),
  /** Seconds of audio worked through. */
  z.object({ type: z.literal('progress'), processed_s: z.number() }),
  /** A package or a model file is not there, or does not run on this machine. */
  z.object({ type: z.literal('missing'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('done') }),
]);
export type MoonshineMessage = z.infer<typeof MoonshineMessage>;
