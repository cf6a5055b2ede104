import { JobMomentQuery } from '@transcodeflow/shared/contracts/rest/job-query.ts';
import { readHistory } from '../jobs/history-reader.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import { ownJob, type RouteContext } from './own-job.ts';

/** `GET /api/jobs/{id}/events?as_of`: everything that was ever decided about the job, or had been by then, in order. */
export const getHistory =
  ({ reader, readModel }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { as_of } = JobMomentQuery.parse(ctx.query);
    const document = await ownJob(ctx, reader);
    const events = await readHistory(readModel, document, as_of);
    answer(ctx, { job_id: document.job_id, events }, events.at(-1)?.revision);
  };
