import type { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import { JobEventsQuery, LastRevision } from '@transcodeflow/shared/contracts/rest/events.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { readHistory } from '../jobs/history-reader.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import { ownJob, type RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';
import { lastEventId, streamEvents, wantsStream } from './stream-events.ts';

const FINAL: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];

/**
 * `GET /api/jobs/{id}/events?as_of`: everything that was ever decided about the job, or had been by then, in order; as
 * `text/event-stream`: that, and then what happens, until the job ends.
 */
export const getHistory =
  ({ reader, readModel, events }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    ctx.vary('Accept');
    const query = parseQuery(JobEventsQuery, ctx.query);
    const document = await ownJob(ctx, reader);
    if (!wantsStream(ctx)) {
      const entries = await readHistory(readModel, document, query.as_of);
      answer(ctx, { job_id: document.job_id, events: entries }, entries.at(-1)?.revision);
      return;
    }
    if (query.as_of) {
      const message = 'is for the history as JSON: a stream goes on after last_event_id';
      throw new AppError('invalid_request', `as_of: ${message}`, { fields: { as_of: message } });
    }
    const afterRevision = lastEventId(ctx, LastRevision, query.last_event_id) ?? 0;
    if (FINAL.includes(document.status) && afterRevision >= document.revision) {
      // HTML, 9.2.3: this is how a browser is told not to come back.
      ctx.status = 204;
      return;
    }
    const { job_id: jobId, account_id: accountId } = document;
    await streamEvents(ctx, events, { jobId, accountId, afterRevision });
  };
