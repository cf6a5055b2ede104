import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { certificate } from './testing/certificate.ts';
import { codeOf, openNet } from './testing/open-net.ts';
import { LOOPBACK, webServer } from './testing/web-server.ts';

test('an answer is handed on as it came', async (t) => {
  const seen: string[] = [];
  const { url } = await webServer(t, async (request, response) => {
    const { 'x-mine': mine, 'user-agent': agent } = request.headers;
    seen.push(`${request.method} ${request.url} ${mine} ${agent} ${await text(request)}`);
    response.writeHead(201, { 'x-theirs': '1' }).end('hello');
  });
  const net = openNet(t);
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

test('five redirects are followed, a sixth is not', async (t) => {
  const { url } = await webServer(t, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else
      response.writeHead([301, 302, 303, 307, 308][left % 5] ?? 302, { location: `/${left - 1}` }).end('on');
  });
  const net = openNet(t);
  const answer = await net.fetch(`${url}/5`);
  t.is(answer.url.pathname, '/0');
  t.is(await text(answer.body), 'there');
  t.is(await codeOf(net.fetch(`${url}/6`)), 'redirect_refused');
});

test('each hop of a redirect is checked like the first URL', async (t) => {
  let reached = 0;
  const inside = await webServer(t, (_, response) => {
    reached += 1;
    response.end();
  });
  const { url } = await webServer(t, (request, response) => {
    response.writeHead(302, { location: decodeURIComponent(request.url?.slice(1) ?? '') }).end();
  });
  const net = openNet(t, { allow: ['127.0.0.1'] });
  const by = (to: string) => codeOf(net.fetch(`${url}/${encodeURIComponent(to)}`));
  t.is(await by(`http://127.0.0.2:${inside.port}/`), 'address_refused');
  t.is(await by(`http://[::ffff:7f00:1]:${inside.port}/`), 'address_refused');
  t.is(await by('http://169.254.169.254/latest/meta-data/'), 'address_refused');
  t.is(await by('file:///etc/passwd'), 'url_refused');
  t.is(await by(`http://user:pass@127.0.0.1:${inside.port}/`), 'url_refused');
  t.is(reached, 0);
});

test('https never becomes http', async (t) => {
  const plain = await webServer(t, (_, response) => void response.end());
  const { port } = await webServer(
    t,
    (_, response) => void response.writeHead(302, { location: plain.url }).end(),
    certificate,
  );
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const net = openNet(t, { allow: LOOPBACK, resolve, ca: certificate.cert });
  t.is(await codeOf(net.fetch(`https://video.example:${port}/`)), 'redirect_refused');
});

test('headers do not follow a redirect to another origin; a POST follows none', async (t) => {
  const seen: unknown[] = [];
  const other = await webServer(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  const { url } = await webServer(t, (_, response) => {
    response.writeHead(307, { location: other.url }).end();
  });
  const net = openNet(t);
  const headers = { authorization: 'secret' };
  t.is((await net.fetch(url, { headers })).status, 200);
  t.is((await net.fetch(url, { method: 'POST', body: 'a', headers })).status, 307);
  t.deepEqual(seen, [undefined]);
});

test('nothing is unpacked', async (t) => {
  const packed = gzipSync(Buffer.alloc(100_000));
  const encodings: unknown[] = [];
  const { url } = await webServer(t, (request, response) => {
    encodings.push(request.headers['accept-encoding']);
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
  });
  const { body } = await openNet(t).fetch(url, { mostBytes: packed.length });
  t.deepEqual(await buffer(body), packed);
  t.deepEqual(encodings, ['identity']);
});
