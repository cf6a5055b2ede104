import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** May this address be connected to? */
export type AddressCheck = (address: string) => boolean;

/**
 * The IPv6 addresses that are routed in public. Everything else is refused, also what no list of special ranges knows:
 * IPv4-compatible `::127.0.0.1`, NAT64 with any prefix outside of it, what IANA has not handed out yet.
 */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3');

/**
 * Lets public unicast addresses through and, of the others, those in `allow`. An address that embeds an IPv4 address
 * (mapped, 6to4, Teredo, NAT64) is none: whoever means that IPv4 address can name it.
 * @param allow networks in CIDR notation, as `parseNetwork` reads them
 * @throws {TypeError} for what is no network
 */
export function addressCheck(allow: readonly string[] = []): AddressCheck {
  const networks = allow.map(parseNetwork);
  return (text) => {
    // isIP is strict; ipaddr.js would take octal and hexadecimal parts.
    if (isIP(text) === 0) return false;
    const address = ipaddr.parse(text);
    if (networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits)))
      return true;
    if (address.kind() === 'ipv6' && !address.match(PUBLIC_IPV6)) return false;
    return address.range() === 'unicast';
  };
}

/**
 * `10.0.0.0/8`, `fd00::/8`, or one address alone.
 * @throws {TypeError} for anything else
 */
export function parseNetwork(text: string): ReturnType<typeof ipaddr.parseCIDR> {
  const [address = '', bits, ...rest] = text.split('/');
  const longest = { 0: undefined, 4: 32, 6: 128 }[isIP(address)];
  const length = bits === undefined ? longest : Number(bits);
  const isNetwork =
    longest !== undefined && length !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits ?? '0');
  if (!isNetwork || length > longest || address.includes('%'))
    throw new TypeError(`"${text}" is no network in CIDR notation`);
  return [ipaddr.parse(address), length];
}
