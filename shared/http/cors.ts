import koaCors from '@koa/cors';
import type { Middleware } from 'koa';
import type { AppState } from './app-state.ts';

const METHODS = 'GET,HEAD,POST,PUT,PATCH,DELETE';
const PREFLIGHT_S = 3_600;
/** What scripts may read of answers, besides the few headers that they always may. */
const EXPOSED = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
];

/**
 * Which sites' scripts may call: those of `origins` the API (`*`: any; keys are headers, so no cookie is ever at stake),
 * any the signed playback URLs, which carry their right in themselves. Preflights are answered without a key.
 */
export function cors(origins: readonly string[]): Middleware<AppState> {
  const common = { exposeHeaders: EXPOSED, maxAge: PREFLIGHT_S, credentials: false };
  const onPlayback = koaCors({ ...common, origin: '*', allowMethods: 'GET,HEAD' });
  const onApi = origins.includes('*')
    ? koaCors({ ...common, origin: '*', allowMethods: METHODS })
    : koaCors({
        ...common,
        allowMethods: METHODS,
        // An empty answer says nothing: the browser refuses.
        origin: (ctx) => (origins.includes(ctx.get('Origin')) ? ctx.get('Origin') : ''),
      });
  return (ctx, next) => {
    if (ctx.path.startsWith('/play/')) return onPlayback(ctx, next);
    return origins.length === 0 ? next() : onApi(ctx, next);
  };
}
