import { z } from 'zod';
import type { MediaInfo } from './media.ts';

/** The part of a source that outputs are made of. */
export const Trim = z
  .object({
    start_s: z.number().nonnegative().describe('Seconds from the start of the source.'),
    end_s: z.number().positive().describe('Within the source.'),
  })
  .meta({ id: 'Trim', description: 'The part of a source that outputs are made of.' });
export type Trim = z.infer<typeof Trim>;

/** Less than this is no video to anybody: shorter parts are refused. */
export const LEAST_TRIM_S = 0.1;

/** Seconds that the outputs last. */
export const shownSeconds = (
  { duration_s }: Pick<MediaInfo, 'duration_s'>,
  trim: Trim | undefined,
): number => (trim ? trim.end_s - trim.start_s : duration_s);
