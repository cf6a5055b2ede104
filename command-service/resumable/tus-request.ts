import { Readable } from 'node:stream';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

/** Everything else, such as what proxies add, is none of the tus server's business. */
const HEADERS = [
  'tus-resumable',
  'upload-offset',
  'upload-length',
  'upload-defer-length',
  'upload-metadata',
  'content-type',
  'content-length',
];

/** The request as the tus server reads it. @param body in place of the request's own, when that was read already */
export function tusRequest(ctx: AppContext, body: Readable | undefined): Request {
  const headers = new Headers();
  for (const name of HEADERS) if (ctx.get(name)) headers.set(name, ctx.get(name));
  const request = new Request(new URL(ctx.path, 'http://localhost'), {
    method: ctx.method,
    headers,
    ...(body ? { body: Readable.toWeb(body), duplex: 'half' } : {}),
  });
  // As its own adapter for Node does: a client that hangs up ends the body without losing what came before.
  return Object.assign(request, { runtime: { name: 'node', node: { req: ctx.req, res: ctx.res } } });
}
