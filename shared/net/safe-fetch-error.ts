export type SafeFetchErrorCode =
  | 'url_refused'
  | 'address_refused'
  | 'certificate_refused'
  | 'redirect_refused'
  | 'answer_refused'
  | 'unreachable'
  | 'timed_out'
  | 'too_large'
  | 'broken_off';

/**
 * Why a request was not made, or came to nothing. The message may be shown to whoever gave the URL: it tells nothing
 * about the network that the request was made from. What happened in detail is the `cause`, for logs.
 */
export class SafeFetchError extends Error {
  override name = 'SafeFetchError';
  readonly code: SafeFetchErrorCode;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  constructor(code: SafeFetchErrorCode, message: string, retryable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = retryable;
  }
}

/**
 * The same words for an address that may not be asked and for a name that has none: else one could find out which
 * names an internal network knows.
 */
export const addressRefused = (retryable: boolean, cause?: unknown): SafeFetchError =>
  new SafeFetchError('address_refused', 'The host of the URL has no public address.', retryable, { cause });
