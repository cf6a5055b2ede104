import test, { type ExecutionContext } from 'ava';
import { AppError } from '../errors.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createApp } from './app.ts';
import { cors } from './cors.ts';
import { listen } from './listen.ts';

const SITE = 'https://app.example';

async function serve(t: ExecutionContext, origins: readonly string[]) {
  const app = createApp(silentLogger);
  app.use(cors(origins));
  app.use((ctx) => {
    if (ctx.path === '/refused') throw new AppError('scope_missing', 'no');
    ctx.body = 'ok';
  });
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  return async (path: string, origin?: string, preflight = false) => {
    const response = await fetch(server.url + path, {
      method: preflight ? 'OPTIONS' : 'GET',
      headers: {
        ...(origin ? { Origin: origin } : {}),
        ...(preflight
          ? {
              'Access-Control-Request-Method': 'PATCH',
              'Access-Control-Request-Headers': 'x-api-key,upload-offset',
            }
          : {}),
      },
    });
    const of = (name: string) => response.headers.get(`access-control-${name}`);
    return { status: response.status, allowed: of('allow-origin'), of, vary: response.headers.get('vary') };
  };
}

test('by default no site may call the API, and any may play', async (t) => {
  const call = await serve(t, []);
  t.like(await call('/api/jobs', SITE), { status: 200, allowed: null });
  t.is((await call('/api/jobs', SITE, true)).allowed, null);
  t.is((await call('/play/token/a.m3u8', SITE)).allowed, '*');
});

test('the sites that are named may, refusals included, and no other', async (t) => {
  const call = await serve(t, [SITE, 'http://localhost:3000']);
  const answer = await call('/api/jobs', SITE);
  t.is(answer.allowed, SITE);
  t.regex(answer.vary ?? '', /Origin/);
  t.is(answer.of('allow-credentials'), null);
  for (const name of ['ETag', 'Link', 'RateLimit', 'Location', 'Upload-Offset', 'Retry-After'])
    t.true((answer.of('expose-headers') ?? '').split(',').includes(name), name);
  t.like(await call('/refused', SITE), { status: 403, allowed: SITE });
  for (const other of [
    'https://app.example.evil.example',
    'https://app.example:444',
    'http://app.example',
    'null',
  ])
    t.is((await call('/api/jobs', other)).allowed, null, other);
  const preflight = await call('/api/uploads/1', SITE, true);
  t.like(preflight, { status: 204, allowed: SITE });
  t.is(preflight.of('allow-headers'), 'x-api-key,upload-offset');
  t.true((preflight.of('allow-methods') ?? '').includes('PATCH'));
  t.is((await call('/api/jobs', 'http://localhost:3000')).allowed, 'http://localhost:3000');
});

test('* stands for every site', async (t) => {
  const call = await serve(t, ['*']);
  t.is((await call('/api/jobs', SITE)).allowed, '*');
  t.is((await call('/api/jobs', SITE, true)).status, 204);
});
