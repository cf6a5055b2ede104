import { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import type { RouteContext } from './own-job.ts';

const shown = JobStatus.exclude(['deleted']).options;

/** `GET /api/jobs/stats`: figures over all of the caller's jobs that were not deleted. */
export const getStats =
  ({ readModel }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id } = requireScope(ctx.state.identity, 'read');
    const figures = (await readModel.figures(account_id)).filter(({ status }) => status !== 'deleted');
    const of = (wanted: JobStatus) => figures.find(({ status }) => status === wanted);
    const sum = (name: 'jobs' | 'source_bytes' | 'output_bytes') =>
      figures.reduce((total, row) => total + row[name], 0);
    const completed = of('completed')?.jobs ?? 0;
    const finished = completed + (of('failed')?.jobs ?? 0);
    answer(ctx, {
      total_jobs: sum('jobs'),
      status_breakdown: Object.fromEntries(shown.map((status) => [status, of(status)?.jobs ?? 0])),
      /** In %, of finished jobs; null while none has finished. */
      success_rate: finished === 0 ? null : Math.round((10_000 * completed) / finished) / 100,
      average_turnaround_s:
        completed === 0 ? null : Math.round((of('completed')?.turnaround_ms ?? 0) / completed) / 1000,
      source_bytes: sum('source_bytes'),
      output_bytes: sum('output_bytes'),
    });
  };
