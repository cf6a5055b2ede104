import { isIP } from 'node:net';
import { AppError, type ErrorCode } from '@transcodeflow/shared/errors.ts';
import { outgoingUrl } from '@transcodeflow/shared/net/outgoing-url.ts';
import { addressCheck } from '@transcodeflow/shared/net/public-address.ts';
import { SafeFetchError } from '@transcodeflow/shared/net/safe-fetch-error.ts';

/**
 * Refuses a URL that is to be told of events, as far as its text goes: other schemes, user names, addresses that are not
 * public. What a name leads to is checked at each attempt, since that changes.
 * @param field of the request that it stands in
 * @throws {AppError} `code`
 */
export type ReceiverUrlCheck = (url: string, field: string, code: ErrorCode) => void;

export function receiverUrlCheck(allowAddresses: readonly string[]): ReceiverUrlCheck {
  const check = addressCheck(allowAddresses);

  function faultOf(text: string): string | undefined {
    try {
      const host = outgoingUrl(text).hostname.replace(/^\[(.*)\]$/, '$1');
      return isIP(host) !== 0 && !check(host) ? 'must not name an address that is not public' : undefined;
    } catch (error) {
      if (error instanceof SafeFetchError) return error.message;
      throw error;
    }
  }

  return (text, field, code) => {
    const fault = faultOf(text);
    if (fault) throw new AppError(code, `${field}: ${fault}`, { fields: { [field]: fault } });
  };
}
