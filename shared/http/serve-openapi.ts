import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';
import { openApiDocument } from '../contracts/rest/openapi.ts';
import type { AppState } from './app-state.ts';

/**
 * `GET /openapi.json`, without a key: what the API can do is no secret.
 * @param publicUrl absolute URL of the API, as the document names it; absent: where the document was read
 */
export function serveOpenApi(publicUrl?: string): Middleware<AppState> {
  let made: { text: string; etag: string } | undefined;
  const make = () => {
    const text = JSON.stringify(openApiDocument(publicUrl));
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
  };
  return async (ctx, next) => {
    if (ctx.path !== '/openapi.json' || !['GET', 'HEAD'].includes(ctx.method)) return next();
    made ??= make();
    ctx.set({ ETag: made.etag, 'Cache-Control': 'public, no-cache', 'Access-Control-Allow-Origin': '*' });
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.type = 'application/json';
    ctx.body = made.text;
  };
}
