import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../telemetry/logger.ts';
import { allowedMethods } from './allowed-methods.ts';
import { type AppOptions, createApp } from './app.ts';
import { listen } from './listen.ts';

async function serve(t: ExecutionContext, options: AppOptions = {}) {
  const app = createApp(silentLogger, options);
  app.use((ctx, next) => {
    if (ctx.path !== '/ok') return next();
    ctx.body = { query: ctx.query };
    return;
  });
  app.use(allowedMethods());
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  /** The path as it stands: `fetch` would mend it. */
  return (path: string, method = 'GET') =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; code: string }>(
      (resolve, reject) => {
        const call = request({ port: server.port, host: '127.0.0.1', path, method }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => {
            text += piece;
          });
          response.on('end', () => {
            const { code = '' } = text === '' ? {} : (JSON.parse(text) as { code?: string });
            resolve({ status: response.statusCode ?? 0, headers: response.headers, code });
          });
        });
        call.on('error', reject).end();
      },
    );
}

test('an address that no route could mean is a refusal of the client, never an error of ours', async (t) => {
  const get = await serve(t);
  const cases: [string, number, string][] = [
    ['/api/jobs/%', 400, 'invalid_request'],
    ['/api/jobs/%ff', 400, 'invalid_request'],
    ['/api/jobs/%c0%af', 400, 'invalid_request'],
    ['/api/jobs/a%00b', 400, 'invalid_request'],
    ['/ok?q=%00', 400, 'invalid_request'],
    ['/ok?q=%ff%00', 400, 'invalid_request'],
    [`/ok?q=${'x'.repeat(9_000)}`, 414, 'uri_too_long'],
    ['/../../etc/passwd', 404, 'route_not_found'],
    ['/api/%2e%2e/%2e%2e/etc/passwd', 404, 'route_not_found'],
  ];
  for (const [path, status, code] of cases) {
    const answer = await get(path);
    t.deepEqual([answer.status, answer.code], [status, code], path.slice(0, 40));
    t.is(answer.headers['content-type'], 'application/problem+json');
  }
  t.is((await get('/ok?q=100%25&r=%zz')).status, 200);
});

test('a method that a path does not know is 405 with those that it does, whichever service has them', async (t) => {
  const call = await serve(t);
  const id = '01980000-0000-7000-8000-000000000001';
  const cases: [string, string, RegExp][] = [
    ['PUT', '/api/upload', /^POST, OPTIONS$/],
    ['PATCH', `/api/jobs/${id}`, /^(?=.*\bGET\b)(?=.*\bHEAD\b)(?=.*\bDELETE\b)/],
    ['DELETE', '/api/jobs/stats', /^GET, HEAD, OPTIONS$/],
    ['POST', `/api/jobs/${id}/outputs/hls/master.m3u8`, /^GET, HEAD, OPTIONS$/],
    ['PROPFIND', '/openapi.json', /^GET, HEAD, OPTIONS$/],
  ];
  for (const [method, path, allow] of cases) {
    const answer = await call(path, method);
    t.deepEqual([answer.status, answer.code], [405, 'method_not_allowed'], `${method} ${path}`);
    t.regex(String(answer.headers.allow), allow);
  }
  t.is((await call('/api/nowhere', 'PUT')).status, 404);
  const options = await call('/api/upload', 'OPTIONS');
  t.deepEqual([options.status, options.headers.allow], [204, 'POST, OPTIONS']);
});

test('every answer forbids browsers what it does not need, refusals too', async (t) => {
  const get = await serve(t, { publicUrl: 'https://video.example' });
  for (const path of ['/ok', '/nowhere']) {
    const { headers } = await get(path);
    t.is(headers['x-frame-options'], 'DENY');
    t.is(headers['cross-origin-resource-policy'], 'same-origin');
    t.is(headers['x-content-type-options'], 'nosniff');
    t.regex(String(headers['permissions-policy']), /camera=\(\)/);
    t.regex(String(headers['strict-transport-security']), /^max-age=31536000/);
    t.is(headers.server, undefined);
    t.is(headers['x-powered-by'], undefined);
  }
  const plain = await serve(t, { publicUrl: 'http://127.0.0.1:8080' });
  t.is((await plain('/ok')).headers['strict-transport-security'], undefined);
});
