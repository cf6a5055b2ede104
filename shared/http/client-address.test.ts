import test from 'ava';
import { clientAddress } from './client-address.ts';

const cases: Record<string, string> = {
  '203.0.113.7': '203.0.113.7',
  '::ffff:203.0.113.7': '203.0.113.7',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:db8:1:2::': '2001:db8:1:2::/64',
  '::1': '::/64',
  '': 'unknown',
  'not an address': 'unknown',
  '203.0.113.7:80': 'unknown',
};
for (const [ip, address] of Object.entries(cases))
  test(`"${ip}" counts as ${address}`, (t) => t.is(clientAddress(ip), address));
