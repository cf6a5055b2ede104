import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { conditional, ETag, unchanged } from './conditional.ts';
import { Job } from './job.ts';
import { JobPath } from './job-changes.ts';
import { JobMomentQuery, OutputQuery } from './job-query.ts';
import { JobStats } from './job-stats.ts';
import { needs } from './needs.ts';
import { rangedOutput } from './output-answers.ts';
import { refusals } from './refusals.ts';

const common = ['job_not_found', 'job_of_another_account', 'revision_not_reached'] as const;

const OutputPath = JobPath.extend({
  path: z
    .string()
    .describe(
      "The output's name as `outputs` gives it, such as `720p.mp4` or `hls/master.m3u8`; slashes stay.",
    ),
});
const output = {
  tags: ['outputs'],
  security: needs('read'),
  requestParams: { path: OutputPath, query: OutputQuery, header: rangedOutput.header },
  responses: {
    ...rangedOutput.responses,
    ...refusals(...common, 'output_not_found', 'precondition_failed', 'range_not_satisfiable'),
  },
};

/** Calls that read one job, or figures over all. */
export const jobReadPaths = {
  '/api/jobs/stats': {
    get: {
      operationId: 'getStats',
      tags: ['jobs'],
      summary: 'Figures over all your jobs',
      security: needs('read'),
      requestParams: { header: conditional },
      responses: {
        200: json(JobStats, 'Of all jobs that were not deleted.', z.object({ ETag })),
        304: unchanged,
        ...refusals(),
      },
    },
  },
  '/api/jobs/{id}': {
    get: {
      operationId: 'getJob',
      tags: ['jobs'],
      summary: 'A job as it is, or as it was',
      security: needs('read'),
      requestParams: { path: JobPath, query: JobMomentQuery, header: conditional },
      responses: {
        200: json(Job, 'The job.', z.object({ ETag })),
        304: unchanged,
        ...refusals(...common),
      },
    },
  },
  '/api/jobs/{id}/outputs/{path}': {
    get: { operationId: 'getOutput', summary: 'Download an output', ...output },
    head: {
      operationId: 'headOutput',
      summary: 'What a download would answer, without its bytes',
      ...output,
    },
  },
} satisfies ZodOpenApiPathsObject;
