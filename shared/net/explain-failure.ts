import { SafeFetchError } from './safe-fetch-error.ts';

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** What undici and the sockets below it throw, in words for whoever gave the URL. */
export function explainFailure(error: unknown, phase: 'answer' | 'body'): SafeFetchError {
  if (error instanceof SafeFetchError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const options = { cause: error };
  if (TIMEOUTS.has(code) || (error instanceof DOMException && error.name === 'TimeoutError'))
    return new SafeFetchError('timed_out', 'The server took too long.', true, options);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return new SafeFetchError(
      'certificate_refused',
      "The server's certificate could not be verified.",
      false,
      options,
    );
  return phase === 'answer'
    ? new SafeFetchError('unreachable', 'The server could not be reached.', true, options)
    : new SafeFetchError('broken_off', 'The server broke off before it had sent everything.', true, options);
}
