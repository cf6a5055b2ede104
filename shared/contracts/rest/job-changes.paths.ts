import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { CancelledJob, DeletedJob, IdempotencyHeader, JobPath, RetriedJob } from './job-changes.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

const requestParams = { path: JobPath, header: IdempotencyHeader };
const common = [
  'job_not_found',
  'job_of_another_account',
  'request_in_progress',
  'idempotency_mismatch',
] as const;

/** Calls that change one job. Merged into the document by `openapi.ts`. */
export const jobChangePaths = {
  '/api/jobs/{id}/cancel': {
    post: {
      operationId: 'cancelJob',
      tags: ['jobs'],
      summary: 'Cancel a job',
      description: 'Its processing ends within two seconds, and no output becomes visible any more.',
      security: needs('write'),
      requestParams,
      responses: {
        200: json(CancelledJob, 'The job is cancelled.'),
        ...refusals(...common, 'already_finished'),
      },
    },
  },
  '/api/jobs/{id}/retry': {
    post: {
      operationId: 'retryJob',
      tags: ['jobs'],
      summary: 'Retry a failed or cancelled job',
      description: 'Finished parts are not done again.',
      security: needs('write'),
      requestParams,
      responses: {
        200: json(RetriedJob, 'The job is queued again.'),
        ...refusals(...common, 'not_retryable'),
      },
    },
  },
  '/api/jobs/{id}': {
    delete: {
      operationId: 'deleteJob',
      tags: ['jobs'],
      summary: 'Delete a job with its source and outputs',
      description: 'A job that is still running is cancelled first. Its quota is free again.',
      security: needs('write'),
      requestParams,
      responses: { 200: json(DeletedJob, 'The job is deleted.'), ...refusals(...common) },
    },
  },
} satisfies ZodOpenApiPathsObject;
