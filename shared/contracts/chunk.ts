import { z } from 'zod';
import type { Trim } from './trim.ts';

/**
 * A part of a video, from one keyframe of the source to the next one that was chosen; of a trimmed one the first begins
 * where it is trimmed, and the last ends there.
 */
export const Chunk = z
  .object({
    number: z.number().int().positive().describe('From 1.'),
    from_s: z.number().describe('Its first frame, in seconds from the start of the file.'),
    to_s: z
      .number()
      .optional()
      .describe('The first frame of the next chunk; absent: to the end, or to that of `trim`.'),
  })
  .meta({
    id: 'Chunk',
    description: 'A part of a video, from one keyframe of the source to the next one that was chosen.',
  });
export type Chunk = z.infer<typeof Chunk>;

/** How long a chunk lasts. */
export const chunkSeconds = (
  { from_s, to_s }: Chunk,
  { duration_s }: { duration_s: number },
  trim: Trim | undefined,
): number => (to_s ?? trim?.end_s ?? duration_s) - from_s;
