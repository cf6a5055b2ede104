import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { IdempotencyHeader } from './job-changes.ts';
import { AcceptedJob, NewJob } from './jobs.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

/** Jobs of what was uploaded before, or of what is fetched. */
export const jobPaths = {
  '/api/jobs': {
    post: {
      operationId: 'createJob',
      tags: ['jobs'],
      summary: 'Make a job of a finished upload or of a URL',
      description:
        'The bytes of an upload become the source of the job: an upload is used once. A refused call leaves the ' +
        'upload as it is, except where its bytes are no video: then it is removed. A URL is asked once, for at most ' +
        '15 seconds: what is not public, not there, too large or no video is refused at once. The file is fetched by ' +
        'the first task of the job, `ingest`, and room for it is kept in the quota: as much as the server announces, ' +
        'else as much as is left. A thumbnail and a watermark come as finished uploads of their own, which are used ' +
        'once too, and stay as they are where the call is refused.',
      security: needs('write'),
      requestParams: { header: IdempotencyHeader },
      requestBody: { required: true, content: { 'application/json': { schema: NewJob } } },
      responses: {
        201: json(AcceptedJob, 'The job is queued.', {
          Location: { description: 'Of the job.', schema: { type: 'string', format: 'uri-reference' } },
        }),
        ...refusals(
          'invalid_fields',
          'invalid_video_format',
          'upload_of_another_account',
          'upload_size_mismatch',
          'upload_gone',
          'upload_unfinished',
          'upload_used',
          'upload_locked',
          'upload_timed_out',
          'payload_too_large',
          'quota_exceeded',
          'unsupported_media_type',
          'request_in_progress',
          'idempotency_mismatch',
        ),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
