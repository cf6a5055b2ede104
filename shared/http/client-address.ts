import ipaddr from 'ipaddr.js';

/** An IPv6 client commonly has a whole /64 to itself, and may take another address of it for each request. */
const V6_PREFIX = 64;

/**
 * What counts as one client address: an IPv4 address, or the /64 of an IPv6 one; IPv4 in IPv6 is IPv4.
 * @param ip as the socket or X-Forwarded-For names it; what cannot be read counts as one address together
 */
export function clientAddress(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${V6_PREFIX}`)}/${V6_PREFIX}`;
}
