import { randomUUID } from 'node:crypto';
import Koa from 'koa';
import type { Logger } from '../telemetry/logger.ts';
import type { App, AppState } from './app-state.ts';
import { problems } from './problem.ts';
import { checkRequestLine } from './request-line.ts';
import { securityHeaders } from './security-headers.ts';

const REQUEST_ID = /^[\w.-]{1,64}$/;

export interface AppOptions {
  /** Proxies before it, whose X-Forwarded-For, -Proto and -Host are believed. Default: none. */
  trustedProxies?: number | undefined;
  /** Where clients reach the API; an https one is to be reached in no other way. */
  publicUrl?: string | undefined;
}

/** A Koa application with request ids, request logs, security headers and problem+json errors. */
export function createApp(log: Logger, { trustedProxies = 0, publicUrl }: AppOptions = {}): App {
  // The client is the address that the outermost of these proxies saw; what stands before it anybody may have written.
  const app = new Koa<AppState>({ proxy: trustedProxies > 0, maxIpsCount: trustedProxies });
  const headers = securityHeaders(publicUrl?.startsWith('https:') ?? false);
  app.on('error', (error: Error) => log.debug({ err: error }, 'response broke off'));
  app.use(async (ctx, next) => {
    const given = ctx.get('X-Request-Id');
    ctx.state.requestId = REQUEST_ID.test(given) ? given : randomUUID();
    ctx.state.log = log.child({ request_id: ctx.state.requestId });
    ctx.set({
      'X-Request-Id': ctx.state.requestId,
      ...headers,
    });
    const started = performance.now();
    await next();
    ctx.state.log.debug(
      { method: ctx.method, path: ctx.path, status: ctx.status, ms: Math.round(performance.now() - started) },
      'request',
    );
  });
  app.use(problems).use(checkRequestLine);
  return app;
}
