import type { RouteDependencies } from './dependencies.ts';
import { ownJob, type RouteContext } from './own-job.ts';

/** `GET /api/jobs/{id}/events`: everything that was ever decided about the job, in order. */
export const getHistory =
  ({ reader, readModel }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { job_id } = await ownJob(ctx, reader);
    ctx.body = { job_id, events: await readModel.history(job_id) };
  };
