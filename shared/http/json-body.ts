import { koaBody } from 'koa-body';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { AppContext } from './app-state.ts';
import { checkJson } from './check-json.ts';

/** No JSON of this API comes near it. */
const MOST_BYTES = 64 * 1024;

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
  checkJson(body);
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
