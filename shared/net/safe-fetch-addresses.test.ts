import { text } from 'node:stream/consumers';
import test from 'ava';
import { SafeFetchError } from './safe-fetch-error.ts';
import { certificate } from './testing/certificate.ts';
import { codeOf, openNet } from './testing/open-net.ts';
import { LOOPBACK, webServer } from './testing/web-server.ts';

test('no spelling of an address that is not public gets through, and all refusals sound the same', async (t) => {
  let requests = 0;
  const { port } = await webServer(t, (_, response) => {
    requests += 1;
    response.end();
  });
  const net = openNet(t, {});
  const hosts = [
    '127.0.0.1',
    'localhost',
    'LOCALHOST.',
    '127.0.0.1.',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1%2e',
    '%31%32%37.0.0.1',
    '①②⑦.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '169.254.169.254',
    '0xa9fea9fe',
    '10.0.0.1',
    'no-such-name.invalid',
  ];
  const words = new Set<string>();
  for (const host of hosts) {
    const error = await t.throwsAsync(
      net.fetch(`http://${host}:${port}/`),
      { instanceOf: SafeFetchError },
      host,
    );
    t.is(error?.code, 'address_refused', host);
    words.add(error?.message ?? '');
  }
  t.is(words.size, 1);
  t.is(requests, 0);
});

test('URLs that are none of ours to ask are refused', async (t) => {
  const net = openNet(t);
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.com/a.mp4',
    'gopher://127.0.0.1:6379/_',
    'data:video/mp4,aaaa',
    'http://user:secret@127.0.0.1/',
    'http://user@127.0.0.1/',
    'http://',
    'http://[fe80::1%25eth0]/',
    'http://127.0.0.1:99999/',
    'http://1.2.3.256/',
    '//127.0.0.1/',
    `http://127.0.0.1/${'a'.repeat(2_048)}`,
    '',
  ])
    t.is(await codeOf(net.fetch(url)), 'url_refused', url);
});

test('DNS rebinding gains nothing: the address that was checked is the one connected to', async (t) => {
  const reached: (string | undefined)[] = [];
  const { port } = await webServer(t, (request, response) => {
    reached.push(`${request.headers.host} at ${request.socket.localAddress}`);
    response.end();
  });
  // 127.0.0.1 stands for the public address; the name server gives another one each time it is asked again.
  const answers = ['127.0.0.1', '127.0.0.2', '127.0.0.2'];
  let asked = 0;
  const net = openNet(t, {
    allow: ['127.0.0.1'],
    resolve: async () => [{ address: answers[asked++] ?? '127.0.0.2', family: 4 }],
  });
  const url = `http://rebinding.example:${port}/`;
  (await net.fetch(url)).body.destroy();
  t.is(asked, 1, 'one look-up for each connection');
  t.is(await codeOf(net.fetch(url)), 'address_refused');
  t.deepEqual(reached, [`rebinding.example:${port} at 127.0.0.1`]);
});

test('one refused address among several refuses the name; a name without any is refused', async (t) => {
  const { port } = await webServer(t, (_, response) => void response.end());
  const to = (...addresses: string[]) =>
    openNet(t, {
      allow: ['127.0.0.1'],
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    }).fetch(`http://several.example:${port}/`);
  t.is(await codeOf(to('127.0.0.1', '10.0.0.1')), 'address_refused');
  t.is(await codeOf(to('127.0.0.1', '::ffff:127.0.0.1')), 'address_refused');
  t.is(await codeOf(to()), 'address_refused');
  t.is((await to('127.0.0.1')).status, 200);
});

test('of several addresses that may be asked the first that answers is', async (t) => {
  const { port } = await webServer(t, (request, response) => void response.end(request.headers.host));
  const net = openNet(t, {
    allow: ['::1', ...LOOPBACK],
    resolve: async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ],
  });
  t.is(await text((await net.fetch(`http://both.example:${port}/`)).body), `both.example:${port}`);
});

test('TLS asks for the name of the URL and verifies it, though the connection goes to a checked address', async (t) => {
  const names: unknown[] = [];
  const { port } = await webServer(
    t,
    (request, response) => {
      names.push(Reflect.get(request.socket, 'servername'));
      response.end('secret');
    },
    certificate,
  );
  const options = { allow: LOOPBACK, resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
  const net = openNet(t, { ...options, ca: certificate.cert });
  t.is(await text((await net.fetch(`https://video.example:${port}/`)).body), 'secret');
  t.deepEqual(names, ['video.example']);
  t.is(await codeOf(net.fetch(`https://other.example:${port}/`)), 'certificate_refused');
  t.is(await codeOf(net.fetch(`https://127.0.0.1:${port}/`)), 'certificate_refused');
  t.is(await codeOf(openNet(t, options).fetch(`https://video.example:${port}/`)), 'certificate_refused');
  t.is(names.length, 1);
});
