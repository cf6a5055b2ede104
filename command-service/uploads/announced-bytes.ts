import { AppError } from '@transcodeflow/shared/errors.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { MOST_FIELD_BYTES } from './receive-upload.ts';

/** The most that a multipart body holds beside its files: text fields, and the headers and boundaries of all parts. */
const MOST_BESIDE_FILES = MOST_FIELD_BYTES + 16 * 1024;

/**
 * What the files of a multipart body have at the least, by its Content-Length: with less room than that the upload can
 * be refused unread, and with that much it may still fit exactly.
 * @returns at least 1; `isAnnounced` is false for a chunked body
 * @throws {AppError} payload_too_large
 */
export function announcedBytes(
  ctx: AppContext,
  mostBytes: number,
): { expected: number; isAnnounced: boolean } {
  const header = ctx.get('Content-Length');
  if (header === '') return { expected: 1, isAnnounced: false };
  const expected = Math.max(1, Number(header) - MOST_BESIDE_FILES);
  if (expected > mostBytes)
    throw new AppError('payload_too_large', `An upload may have at most ${mostBytes} bytes`);
  return { expected, isAnnounced: true };
}
