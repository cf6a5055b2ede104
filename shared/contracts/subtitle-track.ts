import { z } from 'zod';

/** Text subtitles of the source, to be a track of the package. */
export const SubtitleTrack = z
  .object({
    name: z
      .string()
      .regex(/^subtitles-[a-z0-9-]+$/)
      .describe('Folder in the package and stem of the download, e.g. `subtitles-de`.'),
    stream_index: z.number().int().nonnegative(),
    language: z.string().optional().describe('ISO 639 code as the container tags it.'),
    title: z.string().optional(),
    forced: z.literal(true).optional(),
    hearing_impaired: z.literal(true).optional(),
  })
  .meta({ id: 'SubtitleTrack', description: 'Text subtitles of the source, to be a track of the package.' });
