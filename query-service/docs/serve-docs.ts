import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AppState } from '@transcodeflow/shared/http/app-state.ts';
import type { Middleware } from 'koa';
import { page, startScript } from './page.ts';

const require = createRequire(import.meta.url);
/** Of Swagger UI's package; nothing else of it is served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
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
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (name !== 'start.js' && type === undefined) return next();
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.type = type ?? 'text/javascript';
    ctx.body = type ? await readFile(require.resolve(`swagger-ui-dist/${name}`)) : startScript;
  };
}
