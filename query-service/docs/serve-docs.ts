import { readFile } from 'node:fs/promises';
import type { AppState } from '@transcodeflow/shared/http/app-state.ts';
import type { Middleware } from 'koa';
import { page, startScript } from './page.ts';

/** Of Swagger UI's package; nothing else of it is served. */
const ASSETS: Readonly<Record<string, { type: string; file: string }>> = {
  'swagger-ui.css': { type: 'text/css', file: import.meta.resolve('swagger-ui-dist/swagger-ui.css') },
  'swagger-ui-bundle.js': {
    type: 'text/javascript',
    file: import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  },
  'favicon-32x32.png': { type: 'image/png', file: import.meta.resolve('swagger-ui-dist/favicon-32x32.png') },
};

/**
 * `GET /docs`: the API's documentation to browse and try, without a key. Everything comes from here: its policy allows
 * scripts, styles and calls of this origin alone, and of the public one where the document names another.
 */
export function serveDocs(publicUrl?: string): Middleware<AppState> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${publicUrl ? ` ${new URL(publicUrl).origin}` : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return async (ctx, next) => {
    if (!['GET', 'HEAD'].includes(ctx.method)) return next();
    if (ctx.path === '/docs') {
      ctx.set('Content-Security-Policy', policy);
      ctx.type = 'text/html';
      ctx.body = page;
      return;
    }
    const name = /^\/docs\/([\w.-]+)$/.exec(ctx.path)?.[1];
    if (name === undefined) return next();
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (name !== 'start.js' && !asset) return next();
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.type = asset?.type ?? 'text/javascript';
    ctx.body = asset ? await readFile(new URL(asset.file)) : startScript;
  };
}
