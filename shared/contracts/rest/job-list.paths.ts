import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { conditional, ETag, unchanged } from './conditional.ts';
import { Job } from './job.ts';
import { JobListQuery, ListedStatus, MOST_PAGES, MOST_PER_PAGE, SortKey } from './job-list.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

const { shape } = JobListQuery;
const query = z.object({
  status: shape.status.describe(`Some of ${ListedStatus.options.join(', ')}, separated by commas.`),
  sort: shape.sort.describe(
    `One of ${SortKey.options.join(', ')}; with a \`-\` before it the other way round. Default: \`-created_at\`.`,
  ),
  created_after: shape.created_after.describe('RFC 3339 time, not included.'),
  created_before: shape.created_before.describe('RFC 3339 time, not included.'),
  q: shape.q.describe('Text that the file name, or a value of the metadata, contains.'),
  page: shape.page.describe(`1 to ${MOST_PAGES}, with a total; not together with \`cursor\`. Default: 1.`),
  per_page: shape.per_page.describe(`1 to ${MOST_PER_PAGE}.`),
  cursor: shape.cursor.describe(
    '`next_cursor` or `previous_cursor` of an answer: goes on at any depth, undisturbed by what comes and goes.',
  ),
});

const whole = z.number().int();
const cursor = z.string().nullable();

const JobList = z
  .strictObject({
    jobs: z.array(Job).max(MOST_PER_PAGE),
    page: whole.min(1).max(MOST_PAGES).optional().describe('Absent after a cursor, as are the totals.'),
    per_page: whole.min(1).max(MOST_PER_PAGE),
    total: whole.nonnegative().optional(),
    total_pages: whole.nonnegative().optional(),
    next_cursor: cursor.describe('null: there is no more.'),
    previous_cursor: cursor,
  })
  .meta({ id: 'JobList' });

/** Your jobs, filtered and in order. */
export const jobListPaths = {
  '/api/jobs': {
    get: {
      operationId: 'listJobs',
      tags: ['jobs'],
      summary: 'Your jobs, by pages or by cursor',
      description:
        'Parameters that are not known are refused, so that a filter with a typo never shows everything.',
      security: needs('read'),
      requestParams: { query, header: conditional },
      responses: {
        200: json(
          JobList,
          'Newest first, unless asked for otherwise.',
          z.object({ ETag, Link: z.string().describe('RFC 8288: first, prev, next and, by pages, last.') }),
        ),
        304: unchanged,
        ...refusals(),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
