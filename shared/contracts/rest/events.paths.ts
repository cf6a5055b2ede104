import { z } from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { empty } from './answers.ts';
import { conditional, ETag, unchanged } from './conditional.ts';
import { EventsPage, EventsQuery, JobEventsQuery } from './events.ts';
import { JobPath } from './job-changes.ts';
import { JobHistory } from './job-history.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

const header = conditional.extend({
  Accept: z.string().optional().describe('`text/event-stream` for server-sent events; JSON otherwise.'),
  'Last-Event-ID': z
    .string()
    .optional()
    .describe('Live only: go on after this event, as browsers do by themselves.'),
});

const jsonOrStream = (schema: z.ZodType, description: string): ZodOpenApiResponseObject => ({
  description,
  headers: z.object({ ETag: ETag.optional().describe('Of JSON.') }),
  content: { 'application/json': { schema }, 'text/event-stream': { schema: { type: 'string' } } },
});

/** What happened, as JSON; and what happens, as server-sent events. */
export const eventPaths = {
  '/api/jobs/{id}/events': {
    get: {
      operationId: 'getJobEvents',
      tags: ['events'],
      summary: 'Everything that was ever decided about a job, and live what comes',
      description:
        'Live, each event of the job has its revision as its id; `progress` events, which have none, come between ' +
        'them. The stream ends with the job.',
      security: needs('read'),
      requestParams: { path: JobPath, query: JobEventsQuery, header },
      responses: {
        200: jsonOrStream(JobHistory, 'In order, up to the moment that was asked for; or live.'),
        204: empty('Live only: the job has ended, and you have its last event.'),
        304: unchanged,
        ...refusals('job_not_found', 'job_of_another_account', 'revision_not_reached'),
      },
    },
  },
  '/api/events': {
    get: {
      operationId: 'getEvents',
      tags: ['events'],
      summary: 'The events of all your jobs, and live what comes',
      description: 'In the order in which they became visible, which their ids follow.',
      security: needs('read'),
      requestParams: { query: EventsQuery, header },
      responses: {
        200: jsonOrStream(EventsPage, 'A page of them, or live.'),
        304: unchanged,
        ...refusals(),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
