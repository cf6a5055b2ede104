import { AppError } from '@transcodeflow/shared/errors.ts';

/** formidable's error codes (its src/FormidableError.js) that are the client's doing. */
const TOO_LARGE = new Set([1009, 1016]);
const FIELDS_TOO_LARGE = 1006;

/** What went wrong in a multipart body, for the client. */
export function asRefusal(error: unknown, mostBytes: number): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (error.cause instanceof AppError) return error.cause;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  const isParserError = 'httpCode' in error || (code !== undefined && code >= 1000 && code < 1100);
  if (!isParserError) return error;
  if (code !== undefined && TOO_LARGE.has(code))
    return new AppError('payload_too_large', `An upload may have at most ${mostBytes} bytes`, {
      cause: error,
    });
  if (code === FIELDS_TOO_LARGE)
    return new AppError(
      'payload_too_large',
      'The text fields are too long; a file needs a filename in its part, else it counts as text',
      { cause: error },
    );
  return new AppError('invalid_request', `The multipart body cannot be read: ${error.message}`, {
    cause: error,
  });
}
