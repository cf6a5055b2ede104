import { OutputQuery } from '@transcodeflow/shared/contracts/rest/job-query.ts';
import { serveOutput } from '../outputs/serve-output.ts';
import type { RouteDependencies } from './dependencies.ts';
import { ownJob, type RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';

/** `GET|HEAD /api/jobs/{id}/outputs/{path}?download=1`: an accepted output, with Range and conditional requests. */
export const getOutput =
  ({ reader, objects }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { download } = parseQuery(OutputQuery, ctx.query);
    const document = await ownJob(ctx, reader);
    await serveOutput(ctx, objects, document, { path: ctx.params.path ?? '', download });
  };
