import { koaBody } from 'koa-body';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { AppContext } from './app-state.ts';

/** No JSON of this API comes near it. */
const MOST_BYTES = 64 * 1024;
const MOST_LEVELS = 16;
/** Names that would reach an object's prototype where a body is merged into one. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const parse = koaBody({
  json: true,
  multipart: false,
  text: false,
  urlencoded: false,
  jsonLimit: MOST_BYTES,
  jsonStrict: false,
});

/**
 * The JSON body of a POST, PUT or PATCH, as `schema` reads it: at most 64 KiB and 16 levels deep.
 * @throws {AppError} `unsupported_media_type`, `payload_too_large`, or `invalid_request` for what is not JSON
 * @throws {z.ZodError} for JSON that does not fit the schema; it becomes a refusal field by field
 */
export async function jsonBody<T extends z.ZodType>(ctx: AppContext, schema: T): Promise<z.infer<T>> {
  if (!ctx.is('application/json'))
    throw new AppError('unsupported_media_type', 'Send the body as application/json');
  try {
    await parse(ctx, async () => {});
  } catch (error) {
    throw asRefusal(error);
  }
  const body: unknown = ctx.request.body;
  inspect(body);
  return schema.parse(body);
}

/** Errors of raw-body carry a `type`, those of a bad encoding or of bad JSON only a 4xx `status`. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('type' in error && error.type === 'entity.too.large')
    return new AppError('payload_too_large', `A JSON body may have at most ${MOST_BYTES} bytes`, {
      cause: error,
    });
  if ('status' in error && error.status === 415)
    return new AppError('unsupported_media_type', 'This Content-Encoding is not known here', {
      cause: error,
    });
  if (error instanceof SyntaxError || ('status' in error && error.status === 400) || isInflateError(error))
    return new AppError('invalid_request', `The body is not JSON: ${error.message}`, {
      cause: error,
      fields: { body: 'not JSON' },
    });
  return error;
}

/** Of zlib, for a body that is not compressed as it says. */
const isInflateError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && /^Z_[A-Z_]+$/.test(error.code);

/** Level by level, not by recursion: that is what a deep body would break. */
function inspect(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS)
      throw new AppError('invalid_request', `The body may be nested at most ${MOST_LEVELS} levels deep`);
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const forbidden = Object.keys(value).find((name) => FORBIDDEN.has(name));
      if (forbidden) throw new AppError('invalid_request', `The name "${forbidden}" is not allowed`);
      below.push(...Object.values(value));
    }
    level = below;
  }
}
