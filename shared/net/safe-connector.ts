import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressCheck } from './public-address.ts';
import { addressRefused } from './safe-fetch-error.ts';

/** Every address of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export interface ConnectorOptions {
  check: AddressCheck;
  connectTimeoutMs: number;
  /** Default: the system's resolver. */
  resolve?: Resolve | undefined;
  /** Trusted besides the system's authorities, as PEM. */
  ca?: string | undefined;
}

/**
 * Connects only to addresses that pass the check. A name is resolved once for each connection, and the socket gets
 * the very list that was checked: there is no second look-up that a rebinding name server could answer otherwise.
 * One refused address among several refuses the name. TLS still asks for, and verifies, the URL's own host.
 */
export function safeConnector({ check, connectTimeoutMs, resolve, ca }: ConnectorOptions) {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    // Sizes and endings of bodies are checked by the HTTP/1.1 parser.
    allowH2: false,
    lookup: checkedLookup(check, resolve ?? ((hostname) => dns.lookup(hostname, { all: true }))),
    ...(ca ? { ca } : {}),
  });
  const connector: buildConnector.connector = (options, callback) => {
    // The lookup is not asked for a host that is an address already.
    if (isIP(options.hostname) !== 0 && !check(options.hostname)) {
      callback(addressRefused(false), null);
      return;
    }
    connect(options, (...outcome) => {
      const [error, socket] = outcome;
      // A second lock on the same door: whatever way led here, nothing is sent to an unchecked address.
      if (error === null && socket.remoteAddress !== undefined && !check(socket.remoteAddress)) {
        socket.destroy();
        callback(addressRefused(false), null);
        return;
      }
      callback(...outcome);
    });
  };
  return connector;
}

const checkedLookup =
  (check: AddressCheck, resolve: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (!first || !addresses.every(({ address }) => check(address))) callback(addressRefused(false), '');
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(addressRefused(isTemporary(error), error), ''),
    );
  };

const isTemporary = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code !== 'ENOTFOUND' && error.code !== 'ENODATA';
