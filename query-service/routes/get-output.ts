import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import {
  type ByteRange,
  type ObjectInfo,
  ObjectNotFoundError,
} from '@transcodeflow/shared/objects/object-store.ts';
import parseRange from 'range-parser';
import type { RouteDependencies } from './dependencies.ts';
import { ownJob, type RouteContext } from './own-job.ts';

/** `GET|HEAD /api/jobs/{id}/outputs/{path}`: bytes of an accepted output, with Range and conditional requests. */
export const getOutput =
  ({ reader, objects }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const document = await ownJob(ctx, reader);
    const path = ctx.params.path ?? '';
    const key = keyOf(document, path);
    const info = key === undefined ? undefined : await objects.head(key);
    if (key === undefined || !info) throw new AppError('output_not_found', `The job has no output "${path}"`);
    ctx.set({
      ETag: `"${info.etag}"`,
      'Last-Modified': info.lastModified.toUTCString(),
      'Accept-Ranges': 'bytes',
      // Outputs never change, but they can be deleted.
      'Cache-Control': 'private, no-cache',
    });
    ctx.type = info.contentType;
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    const range = rangeOf(ctx, info);
    const length = range ? range.end - range.start + 1 : info.size;
    if (range) {
      ctx.status = 206;
      ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${info.size}`);
    }
    if (ctx.method !== 'HEAD') {
      try {
        const { body } = await objects.get(key, range ? { range } : {});
        ctx.body = body;
      } catch (error) {
        if (error instanceof ObjectNotFoundError)
          throw new AppError('output_not_found', `The job has no output "${path}"`, { cause: error });
        throw error;
      }
    }
    ctx.type = info.contentType;
    ctx.length = length;
  };

/** Only what the completed job names: a leftover of a refused attempt has no public path. */
function keyOf({ outputs }: JobDocument, path: string): string | undefined {
  if (!outputs) return undefined;
  if (Object.hasOwn(outputs.files, path)) return outputs.files[path]?.key;
  for (const [folder, prefix] of Object.entries(outputs.folders)) {
    const rest = path.slice(folder.length);
    if (path.startsWith(folder) && rest.split('/').every((segment) => /^[\w-][\w.-]*$/.test(segment)))
      return prefix + rest;
  }
  return undefined;
}

/** Several ranges at once are answered with the whole, as RFC 9110 (14.2) allows. */
function rangeOf(ctx: RouteContext, { size, etag }: ObjectInfo): ByteRange | undefined {
  const header = ctx.get('Range');
  const condition = ctx.get('If-Range');
  if (!header || (condition && condition !== `"${etag}"`)) return undefined;
  const ranges = parseRange(size, header);
  if (ranges === -1) {
    ctx.set('Content-Range', `bytes */${size}`);
    throw new AppError('range_not_satisfiable', `The output has ${size} bytes`);
  }
  const [range] = ranges === -2 || ranges.type !== 'bytes' || ranges.length > 1 ? [] : ranges;
  return range;
}
