import { z } from 'zod';

const SHORTEST_S = 60;
const LONGEST_S = 7 * 24 * 3_600;
const DEFAULT_S = 6 * 3_600;

/** The query of `GET /api/jobs/{id}/playback`. */
export const PlaybackQuery = z.strictObject({
  expires_in: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number of seconds')
    .transform(Number)
    .pipe(
      z
        .number()
        .min(SHORTEST_S, `must be at least ${SHORTEST_S} seconds`)
        .max(LONGEST_S, `must be at most ${LONGEST_S} seconds (7 days)`),
    )
    .default(DEFAULT_S)
    .describe('Seconds until the URLs end; 60 to 604800. Default: 6 hours.'),
});

const url = (what: string) => z.url().nullable().describe(`${what}; null where the job has none.`);

export const Playback = z
  .strictObject({
    job_id: z.uuid(),
    expires_at: z.iso.datetime().describe('From then on the URLs answer with 410.'),
    hls_url: url('The HLS master playlist'),
    dash_url: url('The DASH manifest'),
    mp4: z.record(z.string(), z.url()).describe('Rendition → MP4.'),
    audio_url: url('The audio alone'),
    poster_url: url('The thumbnail'),
    captions_url: url('WebVTT'),
    storyboard_url: url('WebVTT of the preview images'),
  })
  .meta({
    id: 'Playback',
    description:
      'URLs that need no API key: whoever has one may see this job until it ends, or until the job is deleted.',
  });
export type Playback = z.infer<typeof Playback>;

/** The path of a signed URL. */
export const PlayPath = z.object({
  token: z.string().describe('Job and expiry, signed. Opaque.'),
  path: z.string().describe("The output's name, such as `hls/master.m3u8`; slashes stay."),
});
