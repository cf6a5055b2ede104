import { JobMomentQuery } from '@transcodeflow/shared/contracts/rest/job-query.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { readHistory } from '../jobs/history-reader.ts';
import { jobAt } from '../jobs/job-at.ts';
import { presentJob } from '../jobs/present-job.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import { originOf } from './origin.ts';
import { ownJob, type RouteContext } from './own-job.ts';

/** Heartbeats are news: of a moment that has passed only the events are known. */
const NO_PROGRESS = { of: () => undefined };

/** `GET /api/jobs/{id}?as_of`: the job as it is, or as it was. */
export const getJob =
  ({ reader, readModel, live, publicUrl }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { as_of } = JobMomentQuery.parse(ctx.query);
    const current = await ownJob(ctx, reader);
    const document = as_of ? jobAt(current.job_id, await readHistory(readModel, current, as_of)) : current;
    if (!document) throw new AppError('job_not_found', 'The job did not exist yet at this moment');
    const shown = presentJob(document, as_of ? NO_PROGRESS : live, originOf(ctx, publicUrl));
    answer(ctx, shown, document.revision);
  };
