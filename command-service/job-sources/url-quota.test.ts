import test from 'ava';
import { MOST_UPLOAD_BYTES } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';
import { chunked, openUrlSources, QUOTA, VIDEO } from '../testing/url-sources.ts';

test('without a length all that the quota has left is kept, until the file is there', async (t) => {
  const { created, create, web, fetched, usedBecomes, used, scheduled } = await openUrlSources(
    t,
    (request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', VIDEO.length);
      chunked(response);
    },
  );
  await created('/announced');
  const { job_id, ...rest } = await created('/unannounced');
  t.false('size_bytes' in rest);
  t.deepEqual(await used(), [QUOTA, 0]);
  t.like(scheduled.at(-1), { task: { spec: { most_bytes: QUOTA - VIDEO.length } } });
  for (const path of ['/announced', '/unannounced'])
    await refused(t, await create(web.url + path), 413, 'quota_exceeded');

  await fetched(job_id, 30_000);
  await usedBecomes(VIDEO.length + 30_000, 0);
  t.like(scheduled.at(-1), { task: { task_id: 'inspect', spec: { source: { size_bytes: 30_000 } } } });
  await created('/announced');
  const unlimited = await created('/unannounced', {}, 'bert');
  t.is(scheduled.at(-1)?.job_id, unlimited.job_id);
  t.like(scheduled.at(-1), { task: { spec: { most_bytes: MOST_UPLOAD_BYTES } } });
});

test('20 parallel jobs against a quota for 5 admit 5', async (t) => {
  const { create, web, used } = await openUrlSources(t, (_, response) => {
    response.setHeader('content-length', VIDEO.length);
    response.end(VIDEO);
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(web.url)));
  const statuses = answers.map(({ status }) => status).sort();
  t.deepEqual(statuses, [...Array(5).fill(201), ...Array(15).fill(413)]);
  t.deepEqual(await used(), [QUOTA, 0]);
});

test('a fetch that fails gives its room back; a retry takes it again, if it is there', async (t) => {
  const { created, call, failed, fetched, usedBecomes, used, scheduled } = await openUrlSources(
    t,
    (_, response) => chunked(response),
  );
  const { job_id } = await created();
  const retry = () => call(`/api/jobs/${job_id}/retry`, { method: 'POST' });
  t.deepEqual(await used(), [QUOTA, 0]);
  await failed(job_id);
  await usedBecomes(0, 0);
  t.is((await retry()).status, 200);
  t.deepEqual(await used(), [QUOTA, 0]);
  t.like(scheduled.at(-1), { job_id, task: { task_id: 'ingest', epoch: 2, reason: 'job_retried' } });

  await failed(job_id, 2);
  await usedBecomes(0, 0);
  const other = await created();
  await fetched(other.job_id, 50_000);
  await usedBecomes(50_000, 0);
  await refused(t, await retry(), 413, 'quota_exceeded');
  await usedBecomes(50_000, 0);
  await call(`/api/jobs/${other.job_id}`, { method: 'DELETE' });
  await usedBecomes(0, 0);
  t.is((await retry()).status, 200);
  await fetched(job_id, 20_000, 3);
  await usedBecomes(20_000, 0);
});

test('a job that is cancelled or deleted while it fetches gives its room back', async (t) => {
  const { created, call, usedBecomes, used } = await openUrlSources(t, (_, response) => chunked(response));
  const cancelled = await created();
  t.is((await call(`/api/jobs/${cancelled.job_id}/cancel`, { method: 'POST' })).status, 200);
  await usedBecomes(0, 0);
  const deleted = await created();
  t.deepEqual(await used(), [QUOTA, 0]);
  t.is((await call(`/api/jobs/${deleted.job_id}`, { method: 'DELETE' })).status, 200);
  await usedBecomes(0, 0);
});
