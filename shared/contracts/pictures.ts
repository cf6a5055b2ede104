import { z } from 'zod';

export const PosterSpec = z
  .object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    time_s: z
      .number()
      .nonnegative()
      .optional()
      .describe('The first frame at or after this instant; absent: the richest of some samples.'),
  })
  .meta({ id: 'PosterSpec' });
export type PosterSpec = z.infer<typeof PosterSpec>;

/** A sheet of small frames at a fixed interval, for previews while seeking. */
export const StoryboardSpec = z
  .object({
    interval_s: z.number().positive(),
    tile_width: z.number().int().positive(),
    tile_height: z.number().int().positive(),
    columns: z.number().int().positive(),
    rows: z.number().int().positive(),
  })
  .meta({
    id: 'StoryboardSpec',
    description: 'A sheet of small frames at a fixed interval, for previews while seeking.',
  });
export type StoryboardSpec = z.infer<typeof StoryboardSpec>;

/** Some short moments of the video one after the other, small and without sound, to show what it is about. */
export const PreviewSpec = z
  .object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    frame_rate: z.number().positive(),
    moments: z.number().int().positive().describe('Spread evenly; fewer where the video is short.'),
    moment_s: z.number().positive(),
  })
  .meta({ id: 'PreviewSpec', description: 'Some short moments of the video as one animated picture.' });
export type PreviewSpec = z.infer<typeof PreviewSpec>;
