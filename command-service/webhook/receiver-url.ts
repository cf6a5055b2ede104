import { isIP } from 'node:net';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { outgoingUrl } from '@transcodeflow/shared/net/outgoing-url.ts';
import { addressCheck } from '@transcodeflow/shared/net/public-address.ts';
import { SafeFetchError } from '@transcodeflow/shared/net/safe-fetch-error.ts';

/** Checks a URL that is to be told of events, as far as its text goes. @throws {AppError} `invalid_request` */
export type ReceiverUrlCheck = (url: string) => void;

/**
 * Refuses at once what would never be sent: other schemes, user names, addresses that are not public. What a name leads
 * to is checked at each attempt, since that changes.
 * @param field of the request, for the refusal
 */
export function receiverUrlCheck(allowAddresses: readonly string[], field = 'url'): ReceiverUrlCheck {
  const check = addressCheck(allowAddresses);
  return (text) => {
    const refuse = (message: string, cause?: unknown) =>
      new AppError('invalid_request', `${field}: ${message}`, { fields: { [field]: message }, cause });
    try {
      const host = outgoingUrl(text).hostname.replace(/^\[(.*)\]$/, '$1');
      if (isIP(host) !== 0 && !check(host)) throw refuse('must not name an address that is not public');
    } catch (error) {
      if (error instanceof SafeFetchError) throw refuse(error.message, error);
      throw error;
    }
  };
}
