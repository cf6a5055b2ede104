import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import {
  type ByteRange,
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
} from '@transcodeflow/shared/objects/object-store.ts';
import { create as contentDisposition } from 'content-disposition';
import parseRange from 'range-parser';
import type { RouteContext } from '../routes/own-job.ts';
import { fileNameOf } from './file-name.ts';
import { outputKey } from './output-key.ts';
import { isRangeOfSame, preconditions } from './preconditions.ts';

/**
 * Answers with an output's bytes, or with what the client's range and conditions make of them.
 * @param download offers it for saving instead of showing it
 * @throws {AppError} 404, 412, 416
 */
export async function serveOutput(
  ctx: RouteContext,
  objects: ObjectStore,
  document: JobDocument,
  { path, download }: { path: string; download: boolean },
): Promise<void> {
  const notFound = (cause?: unknown) =>
    new AppError('output_not_found', `The job has no output "${path}"`, { cause });
  const key = outputKey(document, path);
  const info = key === undefined ? undefined : await objects.head(key);
  if (key === undefined || !info) throw notFound();
  const validators = { etag: `"${info.etag}"`, lastModified: info.lastModified };
  const outcome = preconditions(ctx, validators);
  if (outcome === 'failed')
    throw new AppError('precondition_failed', 'The output is not the one that the request names');
  ctx.set({
    ETag: validators.etag,
    'Last-Modified': info.lastModified.toUTCString(),
    'Accept-Ranges': 'bytes',
    // Outputs never change, but they can be deleted.
    'Cache-Control': 'private, no-cache',
  });
  if (outcome === 'not_modified') {
    ctx.status = 304;
    return;
  }
  const range = rangeOf(ctx, info, validators);
  ctx.status = range ? 206 : 200;
  if (range) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${info.size}`);
  if (ctx.method !== 'HEAD') {
    try {
      const { body } = await objects.get(key, range ? { range } : {});
      ctx.body = body;
    } catch (error) {
      throw error instanceof ObjectNotFoundError ? notFound(error) : error;
    }
  }
  ctx.type = info.contentType;
  ctx.length = range ? range.end - range.start + 1 : info.size;
  ctx.set(
    'Content-Disposition',
    contentDisposition(fileNameOf(document.filename, path), { type: download ? 'attachment' : 'inline' }),
  );
}

/** Several ranges at once are answered with the whole, as RFC 9110 (14.2) allows. */
function rangeOf(
  ctx: RouteContext,
  { size }: ObjectInfo,
  validators: Parameters<typeof isRangeOfSame>[1],
): ByteRange | undefined {
  const header = ctx.get('Range');
  if (!header || !isRangeOfSame(ctx, validators)) return undefined;
  const ranges = parseRange(size, header);
  if (ranges === -1) {
    ctx.set('Content-Range', `bytes */${size}`);
    throw new AppError('range_not_satisfiable', `The output has ${size} bytes`);
  }
  const [range] = ranges === -2 || ranges.type !== 'bytes' || ranges.length > 1 ? [] : ranges;
  return range;
}
