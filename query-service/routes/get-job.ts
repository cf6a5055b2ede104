import { presentJob } from '../jobs/present-job.ts';
import type { RouteDependencies } from './dependencies.ts';
import { originOf } from './origin.ts';
import { ownJob, type RouteContext } from './own-job.ts';

/** `GET /api/jobs/{id}` */
export const getJob =
  ({ reader, live, publicUrl }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const document = await ownJob(ctx, reader);
    ctx.body = presentJob(document, live, originOf(ctx, publicUrl));
  };
