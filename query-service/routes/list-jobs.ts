import { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { z } from 'zod';
import { presentJob } from '../jobs/present-job.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import { originOf } from './origin.ts';
import type { RouteContext } from './own-job.ts';

const MOST_PER_PAGE = 100;
/** Pages are for people; beyond this depth an offset costs more than it is worth. */
const MOST_PAGES = 1_000;

const Query = z.object({
  page: z.coerce.number().int().min(1).max(MOST_PAGES).default(1),
  per_page: z.coerce.number().int().min(1).max(MOST_PER_PAGE).default(20),
  status: JobStatus.exclude(['deleted']).optional(),
});

/** `GET /api/jobs?page&per_page&status` */
export const listJobs =
  ({ readModel, live, publicUrl }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id: accountId } = requireScope(ctx.state.identity, 'read');
    const { page, per_page, status } = Query.parse(ctx.query);
    const { jobs, total } = await readModel.jobs({ accountId, status, page, perPage: per_page });
    answer(ctx, {
      jobs: jobs.map((document) => presentJob(document, live, originOf(ctx, publicUrl))),
      page,
      per_page,
      total,
      total_pages: Math.ceil(total / per_page),
    });
  };
