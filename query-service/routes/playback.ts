import { PlaybackQuery } from '@transcodeflow/shared/contracts/rest/playback.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { serveOutput } from '../outputs/serve-output.ts';
import { presentPlayback } from '../playback/present-playback.ts';
import { openToken, signToken } from '../playback/token.ts';
import type { RouteDependencies } from './dependencies.ts';
import { originOf } from './origin.ts';
import { ownJob, type RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';

const LONGEST_CACHED_S = 3_600;

/** `GET /api/jobs/{id}/playback?expires_in`: URLs for players, which know no API key. */
export const getPlayback =
  ({ reader, playbackKey, publicUrl }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { expires_in } = parseQuery(PlaybackQuery, ctx.query);
    const { job_id: jobId, status, outputs } = await ownJob(ctx, reader);
    if (status !== 'completed' || !outputs)
      throw new AppError('job_not_completed', `There is nothing to play: the job is ${status}`);
    const expires = Math.floor(Date.now() / 1_000) + expires_in;
    const base = `${originOf(ctx, publicUrl)}/play/${signToken(playbackKey, { jobId, expires })}`;
    ctx.body = {
      job_id: jobId,
      expires_at: new Date(expires * 1_000).toISOString(),
      ...presentPlayback(outputs, base),
    };
  };

/** `GET|HEAD /play/{token}/{path}`: the token is the permission, and stands in the path so that relative links keep it. */
export const play =
  ({ reader, objects, playbackKey }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { jobId, expires } = openToken(playbackKey, ctx.params.token ?? '');
    const document = await reader.get(jobId);
    if (document?.status !== 'completed')
      throw new AppError('job_not_found', 'There is no such job any more');
    // Players on any site may use what was given to them.
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    await serveOutput(ctx, objects, document, { path: ctx.params.path ?? '', download: false });
    const left = Math.floor(expires - Date.now() / 1_000);
    ctx.set('Cache-Control', `private, max-age=${Math.max(0, Math.min(LONGEST_CACHED_S, left))}`);
  };
