import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { IdempotencyHeader } from './job-changes.ts';
import { AcceptedJob, JobOptions } from './jobs.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

const file = (description: string) => z.string().meta({ description, format: 'binary' });

const UploadForm = z.strictObject({
  file: file('The video, in nearly any format; it is told by its content.'),
  thumbnail: file(
    'A picture of your own in place of a frame: JPEG, PNG, WebP or GIF (of a moving one the first picture; no moving WebP).',
  ).optional(),
  watermark: file(
    'A picture to lay on the video: JPEG, PNG, WebP or GIF, at most 50 MB (of a moving one the first picture; no moving WebP); where and how says `options.watermark`.',
  ).optional(),
  options: JobOptions.optional().describe('As JSON.'),
});

/** The upload in one request. */
export const uploadPaths = {
  '/api/upload': {
    post: {
      operationId: 'upload',
      tags: ['uploads'],
      summary: 'Upload a video and start its job',
      description: 'The bytes are stored as they come. Without a job nothing stays of them.',
      security: needs('write'),
      requestParams: { header: IdempotencyHeader },
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: UploadForm,
            encoding: { options: { contentType: 'application/json' } },
          },
        },
      },
      responses: {
        200: json(
          AcceptedJob,
          'The job is queued.',
          z.object({ Location: z.string().describe('Path of the job.') }),
        ),
        ...refusals(
          'invalid_video_format',
          'invalid_thumbnail',
          'invalid_watermark',
          'unsupported_media_type',
          'payload_too_large',
          'quota_exceeded',
          'upload_timed_out',
          'request_in_progress',
          'idempotency_mismatch',
        ),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
