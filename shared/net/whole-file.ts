import type { SafeAnswer } from './safe-fetch.ts';
import { SafeFetchError } from './safe-fetch-error.ts';

/** What another attempt may find answered. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes sure that the answer is a whole file as it is; else its body is given up.
 * @returns its length in bytes, where the server announces it
 * @throws {SafeFetchError} `answer_refused`
 */
export function announcedSize({ status, headers, body }: SafeAnswer): number | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  const length = headers['content-length'];
  if (status === 200 && encoding === 'identity') return length === undefined ? undefined : Number(length);
  body.destroy();
  throw status === 200
    ? refused('The server sends the file in a packed form that was not asked for.', false)
    : refused(`The server answered with status ${status}.`, TEMPORARY.has(status));
}

const refused = (message: string, retryable: boolean) =>
  new SafeFetchError('answer_refused', message, retryable);
