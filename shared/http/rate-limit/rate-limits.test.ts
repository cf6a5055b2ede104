import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../telemetry/logger.ts';
import { identity } from '../../testing/identity.ts';
import { requireKey } from '../api-keys.ts';
import { createApp } from '../app.ts';
import { listen } from '../listen.ts';
import type { Counters } from './counters.ts';
import { memoryCounters } from './memory-counters.ts';
import { type Limits, rateLimits } from './rate-limits.ts';
import { redisCounters } from './redis-counters.ts';

const none: Limits = { perKey: 0, perAddress: 0, failedKeys: 0, playback: 0 };
const ring = {
  identify: async (key: string) =>
    key === 'anna' || key === 'ben'
      ? { ...identity(key, 'read'), rate_limit: key === 'ben' ? 5 : null }
      : undefined,
};

async function serve(
  t: ExecutionContext,
  limits: Partial<Limits>,
  options: { counters?: Counters; trustedProxies?: number } = {},
) {
  const { counters = memoryCounters(), trustedProxies } = options;
  const { address, failures, key } = rateLimits(counters, { ...none, ...limits });
  const app = createApp(silentLogger, { trustedProxies });
  app.use(address).use(failures).use(requireKey(ring)).use(key);
  app.use((ctx) => {
    ctx.body = { ok: true };
  });
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  return (apiKey: string | undefined, { path = '/', from }: { path?: string; from?: string } = {}) =>
    fetch(server.url + path, {
      headers: { ...(apiKey ? { 'x-api-key': apiKey } : {}), ...(from ? { 'x-forwarded-for': from } : {}) },
    });
}

const statuses = async (calls: number, call: () => Promise<Response>) => {
  const all: number[] = [];
  for (let n = 0; n < calls; n += 1) all.push((await call()).status);
  return all;
};

test('a key’s calls are counted and told; beyond the limit they are refused with the time to wait', async (t) => {
  const get = await serve(t, { perKey: 3 });
  const first = await get('anna');
  t.is(first.headers.get('ratelimit-policy'), '"key";q=3;w=60');
  t.is(first.headers.get('ratelimit'), '"key";r=2;t=60');
  t.is(first.headers.get('ratelimit-limit'), '3');
  t.is(first.headers.get('ratelimit-remaining'), '2');
  t.is(first.headers.get('ratelimit-reset'), '60');
  t.deepEqual(await statuses(3, () => get('anna')), [200, 200, 429]);
  const refused = await get('anna');
  t.is(refused.headers.get('content-type'), 'application/problem+json');
  t.like(await refused.json(), { status: 429, code: 'rate_limited' });
  const wait = Number(refused.headers.get('retry-after'));
  t.true(wait >= 1 && wait <= 60);
  t.is(refused.headers.get('ratelimit-remaining'), '0');
});

test('a key’s own limit counts instead of the common one, and keys do not share theirs', async (t) => {
  const get = await serve(t, { perKey: 2 });
  t.deepEqual(await statuses(6, () => get('ben')), [200, 200, 200, 200, 200, 429]);
  t.deepEqual(await statuses(3, () => get('anna')), [200, 200, 429]);
});

test('0 is no limit, and then nothing is said', async (t) => {
  const get = await serve(t, {});
  t.deepEqual(new Set(await statuses(20, () => get('anna'))), new Set([200]));
  t.is((await get('anna')).headers.get('ratelimit'), null);
});

test('an address is limited before its key is looked at; both limits are told, the narrowest the old way', async (t) => {
  const get = await serve(t, { perAddress: 4, perKey: 9 });
  const { headers } = await get('anna');
  t.is(headers.get('ratelimit'), '"address";r=3;t=60, "key";r=8;t=60');
  t.is(headers.get('ratelimit-limit'), '4');
  t.deepEqual(await statuses(5, () => get('nobody')), [401, 401, 401, 429, 429]);
});

test('failed keys are limited more strictly, and do not lock out a valid one of the same address', async (t) => {
  const get = await serve(t, { failedKeys: 2 });
  t.deepEqual(await statuses(2, () => get('nobody')), [401, 401]);
  t.deepEqual(await statuses(2, () => get(undefined)), [429, 429]);
  t.is((await get('anna')).status, 200);
});

test('playback has a limit of its own', async (t) => {
  const get = await serve(t, { perAddress: 1, playback: 3 });
  t.deepEqual(
    await statuses(4, () => get('anna', { path: '/play/token/master.m3u8' })),
    [200, 200, 200, 429],
  );
  t.is((await get('anna')).status, 200);
});

test('X-Forwarded-For counts only as far as the proxies are trusted', async (t) => {
  const trusting = await serve(t, { perAddress: 1 }, { trustedProxies: 1 });
  t.is((await trusting('anna', { from: '203.0.113.1' })).status, 200);
  t.is((await trusting('anna', { from: '203.0.113.2' })).status, 200);
  // The proxy appends what it saw: what the client wrote before does not help it.
  t.is((await trusting('anna', { from: '198.51.100.9, 203.0.113.1' })).status, 429);
  const plain = await serve(t, { perAddress: 1 });
  t.is((await plain('anna', { from: '203.0.113.1' })).status, 200);
  t.is((await plain('anna', { from: '203.0.113.2' })).status, 429);
});

test('while Redis is away, or hangs, calls are counted in the process', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const dead = createServer().listen(0, '127.0.0.1');
  await once(dead, 'listening');
  const { port: deadPort } = dead.address() as AddressInfo;
  dead.close();
  for (const at of [port, deadPort]) {
    const counters = await redisCounters(`redis://127.0.0.1:${at}`, silentLogger);
    const get = await serve(t, { perKey: 2 }, { counters });
    t.deepEqual(await statuses(3, () => get('anna')), [200, 200, 429]);
    await counters.close();
  }
  silent.close();
});
