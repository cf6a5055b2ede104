import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { silentLogger } from '../telemetry/logger.ts';
import { createApp } from './app.ts';
import { jsonBody } from './json-body.ts';
import { listen } from './listen.ts';

const Body = z.strictObject({ name: z.string(), rest: z.unknown().optional() });

async function serve(t: ExecutionContext) {
  const app = createApp(silentLogger);
  app.use(async (ctx) => {
    ctx.body = await jsonBody(ctx, Body);
  });
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  const post = async (body: RequestInit['body'], headers: Record<string, string> = {}) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await fetch(server.url, { ...init, duplex: 'half' } as RequestInit);
    return [response.status, (await response.json()) as Record<string, unknown>] as const;
  };
  return { url: server.url, post };
}

test('JSON comes through as the schema reads it, also compressed and with a charset', async (t) => {
  const { post } = await serve(t);
  t.deepEqual(await post('{"name":"é"}'), [200, { name: 'é' }]);
  t.deepEqual(await post('{"name":"a"}', { 'content-type': 'application/json; charset=utf-8' }), [
    200,
    { name: 'a' },
  ]);
  t.deepEqual(await post(gzipSync('{"name":"a"}'), { 'content-encoding': 'gzip' }), [200, { name: 'a' }]);
});

test('another content type, and another encoding, is 415', async (t) => {
  const { post } = await serve(t);
  const headersOf: Record<string, string>[] = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/jsonp' },
    { 'content-encoding': 'br2' },
  ];
  for (const headers of headersOf) {
    const [status, { code }] = await post('{"name":"a"}', headers);
    t.deepEqual([status, code], [415, 'unsupported_media_type'], JSON.stringify(headers));
  }
  const [status, { code }] = await post(null, { 'content-type': '' });
  t.deepEqual([status, code], [415, 'unsupported_media_type']);
});

test('more than 64 KiB is 413: declared, chunked, or only after inflating', async (t) => {
  const { post } = await serve(t);
  const large = JSON.stringify({ name: 'x'.repeat(64 * 1024) });
  const chunked = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(large));
      controller.close();
    },
  });
  for (const [body, headers] of [
    [large, {}],
    [chunked, {}],
    [gzipSync(large), { 'content-encoding': 'gzip' }],
  ] as const) {
    const [status, { code }] = await post(body as never, headers as Record<string, string>);
    t.deepEqual([status, code], [413, 'payload_too_large']);
  }
});

test('what is not JSON is 400, and so are names that reach a prototype and bottomless nesting', async (t) => {
  const { post } = await serve(t);
  const bodies = [
    '{"name":',
    '{"name":"a"}}',
    '',
    'null',
    '"text"',
    '[]',
    '{"name":"a","__proto__":{"admin":true}}',
    '{"name":"a","\\u005f_proto__":{"admin":true}}',
    '{"name":"a","rest":[{"constructor":{"prototype":{"admin":true}}}]}',
    '{"name":"a\\u0000b"}',
    '{"name":"a","rest":{"\\u0000":1}}',
    '{"name":"\\ud800"}',
    `{"name":"a","rest":${'['.repeat(17)}${']'.repeat(17)}}`,
    `{"name":"a","rest":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  ];
  for (const body of bodies) {
    const [status, { code }] = await post(body);
    t.deepEqual([status, code], [400, 'invalid_request'], body.slice(0, 60));
  }
  t.is((await post('junk', { 'content-encoding': 'gzip' }))[0], 400);
  t.is(({} as { admin?: boolean }).admin, undefined);
  t.is((await post('{"name":"a","rest":[[[["ok"]]]]}'))[0], 200);
});

test('what does not fit the schema is refused field by field', async (t) => {
  const { post } = await serve(t);
  const [status, problem] = await post('{"name":5,"more":1}');
  t.is(status, 400);
  t.deepEqual(Object.keys(problem.errors as object).sort(), ['more', 'name']);
});

test('a client that hangs up in the middle of its body leaves nothing behind', async (t) => {
  const { url, post } = await serve(t);
  const call = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '100' },
  });
  call.on('error', () => {});
  call.write('{"name":');
  await new Promise((resolve) => call.once('socket', (socket) => socket.once('connect', resolve)));
  call.destroy();
  t.is((await post('{"name":"a"}'))[0], 200);
});
