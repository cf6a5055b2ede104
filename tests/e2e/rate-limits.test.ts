import test from 'ava';
import { createApi } from '../systems/api.ts';
import { startEmbedded } from '../systems/embedded.ts';

test('one count per key over reads and commands, stricter for keys that fail, none for probes', async (t) => {
  const system = await startEmbedded(undefined, {
    RATE_LIMIT_PER_MINUTE: '4',
    RATE_LIMIT_FAILED_KEYS: '2',
  });
  t.teardown(() => system.close());
  const api = createApi(system);
  const cancel = '/api/jobs/01980000-0000-7000-8000-000000000001/cancel';
  const statuses = [];
  for (const [method, path] of [
    ['GET', '/api/jobs'],
    ['POST', cancel],
    ['GET', '/api/jobs/stats'],
    ['POST', cancel],
    ['GET', '/api/jobs'],
    ['POST', cancel],
  ] as const)
    statuses.push((await api.call(method, path)).status);
  t.deepEqual(statuses, [200, 404, 200, 404, 429, 429]);

  const stranger = createApi({ ...system, apiKey: 'tf_000000000000_nobody' });
  const refusals = [];
  for (const method of ['GET', 'DELETE', 'GET', 'DELETE'])
    refusals.push((await stranger.call(method, '/api/jobs/01980000-0000-7000-8000-000000000001')).status);
  t.deepEqual(refusals, [401, 401, 429, 429]);

  for (let n = 0; n < 10; n += 1) t.is((await api.call('GET', '/readyz')).status, 200);
});
