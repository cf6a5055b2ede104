import test from 'ava';
import { addressCheck, parseNetwork } from './public-address.ts';

test('public unicast addresses pass', (t) => {
  const check = addressCheck();
  for (const address of [
    '1.1.1.1',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
  ])
    t.true(check(address), address);
});

const refused: Record<string, string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'link-local, metadata': ['169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'unique-local': ['fc00::1', 'fd00:ec2::254'],
  'site-local': ['fec0::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  'reserved, documentation, benchmarking': [
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '2001:db8::1',
    '3fff::1',
    '2001:2::1',
    '100::1',
    '5f00::1',
    '4000::1',
  ],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1'],
  'IPv4-compatible': ['::127.0.0.1', '::a00:1'],
  '6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::a9fe:a9fe'],
  Teredo: ['2001::1', '2001:0:7f00:1::'],
  'no address': [
    '',
    'localhost',
    '127.1',
    '0177.0.0.1',
    '0x7f000001',
    '2130706433',
    '1.1.1.1 ',
    '1.1.1.1/32',
  ],
};
for (const [range, addresses] of Object.entries(refused))
  test(`refused: ${range}`, (t) => {
    const check = addressCheck();
    for (const address of addresses) t.false(check(address), address);
  });

test('networks that were allowed pass, and nothing beside them', (t) => {
  const check = addressCheck(['10.1.0.0/16', '192.168.7.7', 'fd00:1::/32']);
  for (const address of ['10.1.2.3', '192.168.7.7', 'fd00:1::5', '1.1.1.1']) t.true(check(address), address);
  for (const address of ['10.2.0.1', '192.168.7.8', 'fd00:2::5', '::ffff:10.1.2.3', '127.0.0.1'])
    t.false(check(address), address);
});

test('what is no network is refused', (t) => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10/8',
    'intranet',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
  ])
    t.throws(() => parseNetwork(text), { instanceOf: TypeError }, text);
  t.is(parseNetwork('::1')[1], 128);
});
