import test from 'ava';
import { document, jobId, openQueryService, problemOf } from '../testing/service.ts';

test('jobs of others, unknown, deleted and malformed ids', async (t) => {
  const { call, project } = await openQueryService(t);
  await project(document(1));
  await project(document(2, { status: 'deleted' }));
  for (const path of ['', '/events', '/outputs/360p.mp4']) {
    t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(1)}${path}`, {}, 'bert')), [
      403,
      'job_of_another_account',
    ]);
    for (const id of [jobId(2), jobId(3), 'nonsense', '%00', "1' or '1'='1"])
      t.deepEqual(
        await problemOf(await call(`/api/jobs/${encodeURIComponent(id)}${path}`)),
        [404, 'job_not_found'],
        id,
      );
  }
});

test('without a key 403, with an unknown one 401, without the scope 403', async (t) => {
  const { call, project } = await openQueryService(t);
  await project(document(1));
  for (const path of [
    '/api/jobs',
    '/api/jobs/stats',
    `/api/jobs/${jobId(1)}`,
    `/api/jobs/${jobId(1)}/events`,
    `/api/jobs/${jobId(1)}/outputs/360p.mp4`,
  ]) {
    t.deepEqual(await problemOf(await call(path, {}, '')), [403, 'api_key_missing']);
    t.deepEqual(await problemOf(await call(path, {}, 'nobody')), [401, 'api_key_invalid']);
    t.deepEqual(await problemOf(await call(path, {}, 'writer')), [403, 'scope_missing']);
  }
});

test('what is no route is said to be none, malformed paths too', async (t) => {
  const { call } = await openQueryService(t);
  t.deepEqual(await problemOf(await call('/api/nothing')), [404, 'route_not_found']);
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(1)}`, { method: 'PUT' })), [
    405,
    'method_not_allowed',
  ]);
  const malformed = await call('/api/jobs/%E0%A4%A');
  t.true(malformed.status >= 400 && malformed.status < 500, String(malformed.status));
  t.is((await call('/healthz', {}, '')).status, 200);
  t.deepEqual(await (await call('/readyz', {}, '')).json(), {
    status: 'ok',
    checks: { read_model: 'ok', bus: 'ok', objects: 'ok' },
  });
});
