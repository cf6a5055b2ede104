import { createHash } from 'node:crypto';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

/**
 * Answers with JSON, or with 304 where the client has it already (RFC 9110, 13.1.2). The ETag is strong: a digest of the
 * very bytes, since a running job's answer changes with its live progress, without a new revision. The job's revision
 * stands before it, for people and for `min_revision`.
 */
export function answer(ctx: AppContext, body: object, revision?: number): void {
  const text = JSON.stringify(body);
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  const etag = revision === undefined ? `"${digest}"` : `"${revision}-${digest}"`;
  ctx.set({
    ETag: etag,
    // May be kept, but must be asked about before each use.
    'Cache-Control': 'private, no-cache',
  });
  if (isKnown(ctx.get('If-None-Match'), etag)) {
    ctx.status = 304;
    return;
  }
  ctx.status = 200;
  ctx.type = 'application/json';
  ctx.body = text;
}

/**
 * Compared weakly, as the RFC says: a proxy that compresses makes the ETag a weak one. Not by `ctx.fresh`, which ignores
 * the condition when it comes with `Cache-Control: no-cache`, and that `fetch` adds to every such request.
 */
const isKnown = (condition: string, etag: string): boolean =>
  condition.split(',').some((entry) => ['*', etag].includes(entry.trim().replace(/^W\//, '')));
