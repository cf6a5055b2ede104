import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { AppError, errorTable } from '../errors.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { identity } from '../testing/identity.ts';
import { bootstrapKeyRing, requireKey, requireScope } from './api-keys.ts';
import { createApp } from './app.ts';
import type { AppContext } from './app-state.ts';
import { type Checks, health } from './health.ts';
import { listen } from './listen.ts';
import { serveHealth } from './serve-health.ts';

async function serve(
  t: ExecutionContext,
  handler: (ctx: AppContext) => unknown,
  { checks = {}, key }: { checks?: Checks; key?: string } = {},
) {
  const app = createApp(silentLogger);
  app.use(health(checks));
  if (key) app.use(requireKey(bootstrapKeyRing(key)));
  app.use(async (ctx) => void (await handler(ctx)));
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  return (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
}

test('a refusal is a problem document with everything a client needs', async (t) => {
  const get = await serve(t, () => {
    throw new AppError('invalid_video_format', 'The file is of type image/jpeg', {
      fields: { file: 'no video' },
    });
  });
  const response = await get('/api/upload', { 'x-request-id': 'request-7' });
  t.is(response.status, 400);
  t.is(response.headers.get('content-type'), 'application/problem+json');
  t.deepEqual(await response.json(), {
    type: 'https://transcodeflow.dev/problems/invalid-video-format',
    title: 'Invalid video format',
    status: 400,
    detail: 'The file is of type image/jpeg',
    code: 'invalid_video_format',
    instance: '/api/upload',
    request_id: 'request-7',
    errors: { file: 'no video' },
  });
});

test('any other error says nothing of the inside', async (t) => {
  const thrown: unknown[] = [
    new Error('connect ECONNREFUSED 10.0.0.7 password=hunter2'),
    'hunter2',
    { status: 200, message: 'hunter2', expose: true },
    Object.assign(new Error('hunter2'), { headers: { 'x-leak': 'hunter2' } }),
  ];
  const get = await serve(t, () => {
    throw thrown.shift();
  });
  for (let n = thrown.length; n > 0; n -= 1) {
    const response = await get('/');
    t.is(response.status, 500);
    t.notRegex(JSON.stringify([await response.text(), ...response.headers]), /hunter2|10\.0\.0\.7|\.ts/);
  }
});

test('what does not fit a schema is refused field by field', async (t) => {
  const get = await serve(t, () =>
    z.object({ page: z.number(), deep: z.object({ name: z.string() }) }).parse({ page: 'x', deep: {} }),
  );
  const problem = (await (await get('/')).json()) as { status: number; errors: object };
  t.is(problem.status, 400);
  t.deepEqual(Object.keys(problem.errors), ['page', 'deep.name']);
});

test('what is not there is a 404 with the path', async (t) => {
  const get = await serve(t, () => undefined);
  t.like(await (await get('/nowhere')).json(), {
    status: 404,
    code: 'route_not_found',
    detail: 'There is no GET /nowhere',
  });
});

test('each answer has a request id and forbids what it can; a strange request id is replaced', async (t) => {
  const get = await serve(t, (ctx) => {
    ctx.body = { ok: true };
  });
  const { headers } = await get('/', { 'x-request-id': 'a b{}"' });
  t.regex(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  t.is(headers.get('x-content-type-options'), 'nosniff');
  t.is(headers.get('cache-control'), 'no-store');
  t.regex(headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('the table of refusals holds only errors, each with a title', (t) => {
  for (const [code, { status, title }] of Object.entries(errorTable))
    t.true(status >= 400 && status < 600 && title.length > 0, code);
});

test('keys: 403 without, 401 with a wrong one, and the identity with the right one', async (t) => {
  const get = await serve(
    t,
    (ctx) => {
      ctx.body = { account: requireScope(ctx.state.identity, 'admin').account_id };
    },
    { key: 'the-bootstrap-key' },
  );
  t.is((await get('/')).status, 403);
  t.is((await get('/', { 'x-api-key': 'the-bootstrap-kez' })).status, 401);
  t.is((await get('/', { 'x-api-key': '' })).status, 403);
  t.deepEqual(await (await get('/', { 'x-api-key': 'the-bootstrap-key' })).json(), { account: 'bootstrap' });
});

test('a scope that is missing is a refusal, and so is nobody', (t) => {
  t.throws(() => requireScope(undefined, 'read'), { code: 'api_key_missing' } as never);
  t.throws(() => requireScope(identity('a', 'read'), 'write'), {
    code: 'scope_missing',
  } as never);
});

test('readiness names what cannot be reached, without keys and without details', async (t) => {
  const checks = {
    up: async () => {},
    down: () => Promise.reject(new Error('10.0.0.7 refused')),
    stuck: () => new Promise<void>(() => {}),
  };
  const get = await serve(t, () => undefined, { key: 'the-bootstrap-key', checks });
  t.deepEqual(
    [(await get('/healthz')).status, await (await get('/healthz')).json()],
    [200, { status: 'ok' }],
  );
  const response = await get('/readyz');
  t.is(response.status, 503);
  t.deepEqual(await response.json(), {
    status: 'unavailable',
    checks: { up: 'ok', down: 'unavailable', stuck: 'unavailable' },
  });
});

test('a service without an API serves its health alone', async (t) => {
  const server = await serveHealth({ bus: async () => {} }, 0, silentLogger);
  t.teardown(() => server.close());
  t.is((await fetch(`${server.url}/readyz`)).status, 200);
  t.is((await fetch(`${server.url}/else`)).status, 404);
});

test('a port that is taken is said to be', async (t) => {
  const first = await listen(() => {}, 0, '127.0.0.1');
  t.teardown(() => first.close());
  await t.throwsAsync(
    listen(() => {}, first.port, '127.0.0.1'),
    { message: new RegExp(`Cannot listen on port ${first.port}`) },
  );
});

test('closing lets an open request end', async (t) => {
  const entered = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const server = await listen(
    (_, response) => {
      entered.resolve();
      void goOn.promise.then(() => response.end('done'));
    },
    0,
    '127.0.0.1',
  );
  const answer = fetch(server.url).then((response) => response.text());
  await entered.promise;
  const closing = server.close();
  goOn.resolve();
  t.is(await answer, 'done');
  await closing;
  await t.throwsAsync(fetch(server.url));
});
