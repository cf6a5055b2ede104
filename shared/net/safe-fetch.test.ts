import type { RequestListener } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { until } from '../testing/until.ts';
import { openSafeFetch, type SafeFetchOptions } from './safe-fetch.ts';
import { SafeFetchError } from './safe-fetch-error.ts';
import { certificate } from './testing/certificate.ts';
import { LOOPBACK, webServer } from './testing/web-server.ts';

const open = (t: ExecutionContext, options: SafeFetchOptions = { allow: LOOPBACK }) => {
  const net = openSafeFetch(options);
  t.teardown(() => net.close());
  return net;
};
const serve = (t: ExecutionContext, handler: RequestListener) => webServer(t, handler);
const codeOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SafeFetchError ? error.code : error;
};

test('an answer is handed on as it came', async (t) => {
  const seen: string[] = [];
  const { url } = await serve(t, async (request, response) => {
    const { 'x-mine': mine, 'user-agent': agent } = request.headers;
    seen.push(`${request.method} ${request.url} ${mine} ${agent} ${await text(request)}`);
    response.writeHead(201, { 'x-theirs': '1' }).end('hello');
  });
  const net = open(t);
  const answer = await net.fetch(`${url}/a?b=1`, {
    method: 'POST',
    body: 'content',
    headers: { 'x-mine': 'yes' },
  });
  t.is(answer.status, 201);
  t.is(answer.headers['x-theirs'], '1');
  t.is(await text(answer.body), 'hello');
  t.deepEqual(seen, ['POST /a?b=1 yes TranscodeFlow content']);
});

test('no spelling of an address that is not public gets through, and all refusals sound the same', async (t) => {
  let requests = 0;
  const { port } = await serve(t, (_, response) => {
    requests += 1;
    response.end();
  });
  const net = open(t, {});
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
  const net = open(t);
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
  const { port } = await serve(t, (request, response) => {
    reached.push(`${request.headers.host} at ${request.socket.localAddress}`);
    response.end();
  });
  // 127.0.0.1 stands for the public address; the name server gives another one each time it is asked again.
  const answers = ['127.0.0.1', '127.0.0.2', '127.0.0.2'];
  let asked = 0;
  const net = open(t, {
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
  const { port } = await serve(t, (_, response) => void response.end());
  const to = (...addresses: string[]) =>
    open(t, {
      allow: ['127.0.0.1'],
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    }).fetch(`http://several.example:${port}/`);
  t.is(await codeOf(to('127.0.0.1', '10.0.0.1')), 'address_refused');
  t.is(await codeOf(to('127.0.0.1', '::ffff:127.0.0.1')), 'address_refused');
  t.is(await codeOf(to()), 'address_refused');
  t.is((await to('127.0.0.1')).status, 200);
});

test('of several addresses that may be asked the first that answers is', async (t) => {
  const { port } = await serve(t, (request, response) => void response.end(request.headers.host));
  const net = open(t, {
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
  const net = open(t, { ...options, ca: certificate.cert });
  t.is(await text((await net.fetch(`https://video.example:${port}/`)).body), 'secret');
  t.deepEqual(names, ['video.example']);
  t.is(await codeOf(net.fetch(`https://other.example:${port}/`)), 'certificate_refused');
  t.is(await codeOf(net.fetch(`https://127.0.0.1:${port}/`)), 'certificate_refused');
  t.is(await codeOf(open(t, options).fetch(`https://video.example:${port}/`)), 'certificate_refused');
  t.is(names.length, 1);
});

test('five redirects are followed, a sixth is not', async (t) => {
  const { url } = await serve(t, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else
      response.writeHead([301, 302, 303, 307, 308][left % 5] ?? 302, { location: `/${left - 1}` }).end('on');
  });
  const net = open(t);
  const answer = await net.fetch(`${url}/5`);
  t.is(answer.url.pathname, '/0');
  t.is(await text(answer.body), 'there');
  t.is(await codeOf(net.fetch(`${url}/6`)), 'redirect_refused');
});

test('each hop of a redirect is checked like the first URL', async (t) => {
  let reached = 0;
  const inside = await serve(t, (_, response) => {
    reached += 1;
    response.end();
  });
  const { url } = await serve(t, (request, response) => {
    response.writeHead(302, { location: decodeURIComponent(request.url?.slice(1) ?? '') }).end();
  });
  const net = open(t, { allow: ['127.0.0.1'] });
  const by = (to: string) => codeOf(net.fetch(`${url}/${encodeURIComponent(to)}`));
  t.is(await by(`http://127.0.0.2:${inside.port}/`), 'address_refused');
  t.is(await by(`http://[::ffff:7f00:1]:${inside.port}/`), 'address_refused');
  t.is(await by('http://169.254.169.254/latest/meta-data/'), 'address_refused');
  t.is(await by('file:///etc/passwd'), 'url_refused');
  t.is(await by(`http://user:pass@127.0.0.1:${inside.port}/`), 'url_refused');
  t.is(reached, 0);
});

test('https never becomes http', async (t) => {
  const plain = await serve(t, (_, response) => void response.end());
  const { port } = await webServer(
    t,
    (_, response) => void response.writeHead(302, { location: plain.url }).end(),
    certificate,
  );
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const net = open(t, { allow: LOOPBACK, resolve, ca: certificate.cert });
  t.is(await codeOf(net.fetch(`https://video.example:${port}/`)), 'redirect_refused');
});

test('headers do not follow a redirect to another origin; a POST follows none', async (t) => {
  const seen: unknown[] = [];
  const other = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  const { url } = await serve(t, (_, response) => {
    response.writeHead(307, { location: other.url }).end();
  });
  const net = open(t);
  const headers = { authorization: 'secret' };
  t.is((await net.fetch(url, { headers })).status, 200);
  t.is((await net.fetch(url, { method: 'POST', body: 'a', headers })).status, 307);
  t.deepEqual(seen, [undefined]);
});

test('a body larger than allowed is refused: as announced, or at the first byte too many', async (t) => {
  const { url, connections } = await serve(t, (request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 11);
    response.write('0123456789');
    if (request.url !== '/fits') response.write('!');
    if (request.url !== '/endless') response.end();
    else {
      const more = () => {
        while (response.writable && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    }
  });
  const net = open(t);
  t.is(await text((await net.fetch(`${url}/fits`, { mostBytes: 10 })).body), '0123456789');
  t.is(await codeOf(net.fetch(`${url}/announced`, { mostBytes: 10 })), 'too_large');
  for (const path of ['unannounced', 'endless'])
    t.is(await codeOf(buffer((await net.fetch(`${url}/${path}`, { mostBytes: 10 })).body)), 'too_large');
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('nothing is unpacked', async (t) => {
  const packed = gzipSync(Buffer.alloc(100_000));
  const encodings: unknown[] = [];
  const { url } = await serve(t, (request, response) => {
    encodings.push(request.headers['accept-encoding']);
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
  });
  const { body } = await open(t).fetch(url, { mostBytes: packed.length });
  t.deepEqual(await buffer(body), packed);
  t.deepEqual(encodings, ['identity']);
});

test('silence ends: before the headers, in the body, and drop by drop', async (t) => {
  const { url, connections } = await serve(t, (request, response) => {
    if (request.url === '/mute') return;
    response.write('a');
    if (request.url === '/drops') {
      const drops = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(drops));
    }
  });
  const net = open(t);
  t.is(await codeOf(net.fetch(`${url}/mute`, { answerMs: 50 })), 'timed_out');
  t.is(await codeOf(buffer((await net.fetch(`${url}/stalls`, { stallMs: 50 })).body)), 'timed_out');
  t.is(await codeOf(buffer((await net.fetch(`${url}/drops`, { totalMs: 300 })).body)), 'timed_out');
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('an abort ends the request with its own reason, at any moment', async (t) => {
  const { url, connections } = await serve(t, (request, response) => {
    if (request.url === '/body') response.write('a');
  });
  const net = open(t);
  const reason = new Error('changed my mind');
  const waiting = new AbortController();
  const early = net.fetch(`${url}/mute`, { signal: waiting.signal });
  await until('the request is there', async () => (await connections()) === 1);
  waiting.abort(reason);
  t.is(await t.throwsAsync(early), reason);

  const reading = new AbortController();
  const { body } = await net.fetch(`${url}/body`, { signal: reading.signal });
  const read = buffer(body);
  reading.abort(reason);
  t.is(await t.throwsAsync(read), reason);
  t.is(await t.throwsAsync(net.fetch(url, { signal: AbortSignal.abort(reason) })), reason);
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('a body that is not read to its end frees its connection when it is destroyed', async (t) => {
  const { url, connections } = await serve(t, (_, response) => void response.write('first'));
  const { body } = await open(t).fetch(url);
  for await (const chunk of body) {
    t.is(String(chunk), 'first');
    break;
  }
  const unread = await open(t).fetch(url);
  unread.body.destroy();
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('a server that dies in the middle, sends less than announced or is not there', async (t) => {
  const { url, close } = await serve(t, (request, response) => {
    response.setHeader('content-length', 100);
    response.write('some');
    if (request.url === '/dies') setImmediate(() => response.destroy());
    else response.socket?.end();
  });
  const net = open(t);
  for (const path of ['dies', 'ends'])
    t.is(await codeOf(net.fetch(`${url}/${path}`).then(({ body }) => buffer(body))), 'broken_off', path);
  await close();
  const error = await t.throwsAsync(net.fetch(url), { instanceOf: SafeFetchError });
  t.is(error?.code, 'unreachable');
  t.true(error?.retryable);
  t.notRegex(error?.message ?? '', /127\.0\.0\.1|ECONN/);
});
