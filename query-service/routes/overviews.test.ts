import test from 'ava';
import { document, openQueryService, problemOf } from '../testing/service.ts';

test("lists show the caller's jobs, newest first, page by page", async (t) => {
  const { call, project, count } = await openQueryService(t);
  for (let n = 1; n <= 5; n += 1) await project(document(n, { status: n === 3 ? 'failed' : 'queued' }));
  await project(document(6, { account_id: 'bert' }));
  await project(document(7, { status: 'deleted' }));
  await count('anna', 'queued', 4);
  await count('anna', 'failed', 1);
  await count('anna', 'deleted', 1);
  await count('bert', 'queued', 1);
  const list = async (query: string) => {
    const { jobs, page, per_page, total, total_pages } = (await (await call(`/api/jobs${query}`)).json()) as {
      jobs: { job_id: string }[];
    } & Record<string, number>;
    return { jobs: jobs.map(({ job_id }) => Number(job_id.slice(-3))), page, per_page, total, total_pages };
  };
  t.deepEqual(await list(''), { jobs: [5, 4, 3, 2, 1], page: 1, per_page: 20, total: 5, total_pages: 1 });
  t.deepEqual(await list('?page=2&per_page=2'), {
    jobs: [3, 2],
    page: 2,
    per_page: 2,
    total: 5,
    total_pages: 3,
  });
  t.deepEqual(await list('?page=9&per_page=2'), { jobs: [], page: 9, per_page: 2, total: 5, total_pages: 3 });
  t.deepEqual(await list('?status=failed'), { jobs: [3], page: 1, per_page: 20, total: 1, total_pages: 1 });
  for (const bad of [
    '?page=0',
    '?page=-1',
    '?page=x',
    '?page=1.5',
    '?per_page=0',
    '?per_page=101',
    '?page=1001',
    '?status=gone',
    '?status=deleted',
    '?page=1&page=2',
  ])
    t.deepEqual(await problemOf(await call(`/api/jobs${bad}`)), [400, 'invalid_request'], bad);
});

test('statistics are sums, without deleted jobs', async (t) => {
  const { call, count } = await openQueryService(t);
  t.deepEqual(await (await call('/api/jobs/stats')).json(), {
    total_jobs: 0,
    status_breakdown: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
    success_rate: null,
    average_turnaround_s: null,
    source_bytes: 0,
    output_bytes: 0,
  });
  await count('anna', 'completed', 2, 300, 30, 5_000);
  await count('anna', 'failed', 1, 100);
  await count('anna', 'cancelled', 4, 10);
  await count('anna', 'deleted', 9, 900, 90, 9_000);
  await count('bert', 'completed', 7, 7, 7, 7);
  t.deepEqual(await (await call('/api/jobs/stats')).json(), {
    total_jobs: 7,
    status_breakdown: { queued: 0, processing: 0, completed: 2, failed: 1, cancelled: 4 },
    success_rate: 66.67,
    average_turnaround_s: 2.5,
    source_bytes: 410,
    output_bytes: 30,
  });
});
