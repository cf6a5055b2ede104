import { AppError, type ErrorCode } from '@transcodeflow/shared/errors.ts';
import { ERRORS } from '@tus/server';

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  403: 'invalid_request',
  404: 'upload_gone',
  409: 'upload_offset_conflict',
  410: 'upload_gone',
  412: 'upload_protocol_version',
  413: 'payload_too_large',
  501: 'not_supported',
};

/** What the tus server refused, in the words of this API. Its status 500 is a failure, not a refusal. */
export function asRefusal(status: number, text: string, error: unknown): unknown {
  if (error === ERRORS.ABORTED)
    return new AppError(
      'upload_locked',
      'Another request took this upload over; ask for its offset and go on',
    );
  const code = codes[status];
  if (code) return new AppError(code, text.trim(), { cause: error });
  return error instanceof Error
    ? error
    : new Error(`The tus server failed: ${text.trim()}`, { cause: error });
}
