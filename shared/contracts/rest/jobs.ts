import { z } from 'zod';
import { EncodingOptions } from '../encoding-options.ts';
import { Priority } from '../priority.ts';
import { WatermarkLook } from '../watermark.ts';

/** Ladders and encoder settings that can be asked for. */
export const ProfileName = z
  .enum(['default', 'web', 'hevc', 'av1', 'audio-only', 'archive'])
  .meta({ id: 'ProfileName' });
export type ProfileName = z.infer<typeof ProfileName>;

/** How a job is to be done, whichever way its source comes. */
export const JobOptions = z
  .strictObject({
    profile: ProfileName.default('default'),
    priority: Priority.optional().describe("Default: the API key's."),
    language: z
      .string()
      .regex(/^[a-z]{2}$/, 'must be a two-letter ISO 639-1 code such as "en"')
      .optional()
      .describe('Spoken language (ISO 639-1), if it is known.'),
    metadata: z
      .record(z.string().max(64), z.string().max(1024))
      .refine((map) => Object.keys(map).length <= 50, 'at most 50 entries')
      .default({})
      .describe('Kept with the job and given back with it: at most 50 entries.'),
    webhook: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
          .max(2048)
          .describe('Gets a signed message at each change of the job.'),
      })
      .optional(),
    ...EncodingOptions.shape,
  })
  .meta({ id: 'JobOptions' });
export type JobOptions = z.infer<typeof JobOptions>;

/** Where a job's video is. */
export const JobSource = z
  .union(
    [
      z.strictObject({ upload_id: z.uuid().describe('Of a finished upload of yours; it is used once.') }),
      z.strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .describe(
            'To be fetched from there; of a public host, without user name and password, at most five redirects. It ' +
              'stands in the history of the job as it is, with any token in it.',
          ),
      }),
    ],
    { error: 'must be {"upload_id": <UUID>} or {"url": <http or https URL>}' },
  )
  .meta({ id: 'JobSource' });
export type JobSource = z.infer<typeof JobSource>;

/** A picture that was uploaded before, in the same ways as a video. */
export const UploadedPicture = z
  .strictObject({
    upload_id: z
      .uuid()
      .describe(
        'Of a finished upload of yours: JPEG, PNG, WebP or GIF, at most 50 MB (of a moving one the first picture; no ' +
          'moving WebP); it is used once.',
      ),
  })
  .meta({ id: 'UploadedPicture' });

/** The body of `POST /api/jobs`. */
export const NewJob = JobOptions.extend({
  source: JobSource,
  filename: z.string().min(1).max(1024).optional().describe("Default: the upload's or the URL's own."),
  thumbnail: UploadedPicture.optional().describe('A picture of your own in place of a frame.'),
  watermark: WatermarkLook.extend({ image: UploadedPicture })
    .optional()
    .describe('A picture to lay on the video, and where and how.'),
})
  .superRefine((job, { addIssue }) => {
    const seen = new Set('upload_id' in job.source ? [job.source.upload_id] : []);
    const pictures = [
      { path: ['thumbnail', 'upload_id'], id: job.thumbnail?.upload_id },
      { path: ['watermark', 'image', 'upload_id'], id: job.watermark?.image.upload_id },
    ];
    for (const { path, id } of pictures) {
      if (id === undefined) continue;
      if (seen.has(id)) addIssue({ code: 'custom', path, message: 'an upload is used once' });
      seen.add(id);
    }
  })
  .meta({ id: 'NewJob' });
export type NewJob = z.infer<typeof NewJob>;

/** A job that was accepted. */
export const AcceptedJob = z
  .strictObject({
    job_id: z.uuid(),
    status: z.literal('queued'),
    filename: z.string(),
    size_bytes: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe('Of the source; absent where the server of its URL does not tell.'),
  })
  .meta({ id: 'AcceptedJob' });
export type AcceptedJob = z.infer<typeof AcceptedJob>;
