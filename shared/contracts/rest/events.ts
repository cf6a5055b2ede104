import { z } from 'zod';
import { HistoryEntry } from './job-history.ts';
import { JobMomentQuery } from './job-query.ts';

/** Events of all of one's jobs on one page, at most. */
export const MOST_EVENTS = 100;

const Revision = z.string().regex(/^\d{1,9}$/, 'must be the id of an event of this stream');
const Position = z.string().regex(/^\d{1,15}$|^[0-8]\d{15}$/, 'must be the id of an event of this stream');

/** The query of `GET /api/jobs/{id}/events`. */
export const JobEventsQuery = JobMomentQuery.extend({
  last_event_id: Revision.transform(Number)
    .optional()
    .describe('Live only: go on after this event, as the header Last-Event-ID does. Its id is the revision.'),
});

/** The query of `GET /api/events`. */
export const EventsQuery = z.strictObject({
  last_event_id: Position.transform(Number)
    .optional()
    .describe('Go on after this event. As JSON, without it: the newest events; live: from now on.'),
  per_page: z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${MOST_EVENTS}`)
    .transform(Number)
    .pipe(z.number().min(1).max(MOST_EVENTS))
    .default(20)
    .describe('As JSON only.'),
});

/** Last-Event-ID of a job's stream, and of the stream of all jobs. */
export const LastRevision = Revision.transform(Number);
export const LastPosition = Position.transform(Number);

export const EventsPage = z
  .strictObject({
    events: z.array(HistoryEntry),
    last_event_id: z
      .string()
      .describe('To go on after this page, also live; `0` where there was no event yet.'),
  })
  .meta({ id: 'EventsPage' });
export type EventsPage = z.infer<typeof EventsPage>;
