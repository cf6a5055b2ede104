import type { Middleware } from 'koa';
import { AppError } from '../errors.ts';
import type { AppState } from './app-state.ts';

/** Of path and query; the longest of this API's own are signed playback URLs, well below. */
const LONGEST = 8 * 1024;

/**
 * Refuses addresses that no route could mean: too long, not decodable, or with a NUL, which no store can hold.
 * @throws {AppError} `uri_too_long` or `invalid_request`
 */
export const checkRequestLine: Middleware<AppState> = (ctx, next) => {
  if (ctx.url.length > LONGEST)
    throw new AppError('uri_too_long', `Path and query may have at most ${LONGEST} characters together`);
  const path = decoded(ctx.path);
  if (path === undefined) throw new AppError('invalid_request', 'The path has a malformed percent-encoding');
  // A query that cannot be decoded is taken as it stands, as browsers do.
  if (`${path}${decoded(ctx.querystring) ?? ''}`.includes('\0') || /%00/.test(ctx.querystring))
    throw new AppError('invalid_request', 'The address contains a NUL character');
  return next();
};

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
