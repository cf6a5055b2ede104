import { SafeFetchError } from './safe-fetch-error.ts';

const LONGEST = 2_048;

/**
 * A URL that may be asked: http or https, without user and password, of at most 2,048 characters. Any port: what can
 * be reached is public anyway.
 * @param base for the relative URL of a redirect
 * @throws {SafeFetchError} `url_refused`
 */
export function outgoingUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  const fault = text.length > LONGEST ? `is longer than ${LONGEST} characters` : faultOf(url);
  if (!url || fault) throw new SafeFetchError('url_refused', `The URL ${fault}.`, false);
  return url;
}

function faultOf(url: URL | null): string | undefined {
  if (!url) return 'is not valid';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must start with http:// or https://';
  if (url.username || url.password) return 'must not contain a user name or password';
  return undefined;
}
