import { buffer, text } from 'node:stream/consumers';
import test from 'ava';
import { until } from '../testing/until.ts';
import { SafeFetchError } from './safe-fetch-error.ts';
import { codeOf, openNet } from './testing/open-net.ts';
import { webServer } from './testing/web-server.ts';

test('a body larger than allowed is refused: as announced, or at the first byte too many', async (t) => {
  const { url, connections } = await webServer(t, (request, response) => {
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
  const net = openNet(t);
  t.is(await text((await net.fetch(`${url}/fits`, { mostBytes: 10 })).body), '0123456789');
  t.is(await codeOf(net.fetch(`${url}/announced`, { mostBytes: 10 })), 'too_large');
  for (const path of ['unannounced', 'endless'])
    t.is(await codeOf(buffer((await net.fetch(`${url}/${path}`, { mostBytes: 10 })).body)), 'too_large');
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('silence ends: before the headers, in the body, and drop by drop', async (t) => {
  const { url, connections } = await webServer(t, (request, response) => {
    if (request.url === '/mute') return;
    response.write('a');
    if (request.url === '/drops') {
      const drops = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(drops));
    }
  });
  const net = openNet(t);
  t.is(await codeOf(net.fetch(`${url}/mute`, { answerMs: 50 })), 'timed_out');
  t.is(await codeOf(buffer((await net.fetch(`${url}/stalls`, { stallMs: 50 })).body)), 'timed_out');
  t.is(await codeOf(buffer((await net.fetch(`${url}/drops`, { totalMs: 300 })).body)), 'timed_out');
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('an abort ends the request with its own reason, at any moment', async (t) => {
  const { url, connections } = await webServer(t, (request, response) => {
    if (request.url === '/body') response.write('a');
  });
  const net = openNet(t);
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
  const { url, connections } = await webServer(t, (_, response) => void response.write('first'));
  const { body } = await openNet(t).fetch(url);
  for await (const chunk of body) {
    t.is(String(chunk), 'first');
    break;
  }
  const unread = await openNet(t).fetch(url);
  unread.body.destroy();
  await until('every connection is closed', async () => (await connections()) === 0);
});

test('a server that dies in the middle, sends less than announced or is not there', async (t) => {
  const { url, close } = await webServer(t, (request, response) => {
    response.setHeader('content-length', 100);
    response.write('some');
    if (request.url === '/dies') setImmediate(() => response.destroy());
    else response.socket?.end();
  });
  const net = openNet(t);
  for (const path of ['dies', 'ends'])
    t.is(await codeOf(net.fetch(`${url}/${path}`).then(({ body }) => buffer(body))), 'broken_off', path);
  await close();
  const error = await t.throwsAsync(net.fetch(url), { instanceOf: SafeFetchError });
  t.is(error?.code, 'unreachable');
  t.true(error?.retryable);
  t.notRegex(error?.message ?? '', /127\.0\.0\.1|ECONN/);
});
