import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { document, jobId, openQueryService, problemOf } from '../testing/service.ts';

interface List {
  jobs: { job_id: string }[];
  total?: number;
  next_cursor: string | null;
  previous_cursor: string | null;
}

const numbers = ({ jobs }: List) => jobs.map(({ job_id }) => Number(job_id.slice(-3)));

async function open(t: ExecutionContext, jobs: readonly JobDocument[] = []) {
  const service = await openQueryService(t, { publicUrl: 'https://video.example' });
  for (const job of jobs) await service.project(job);
  const list = async (query: string, key?: string) =>
    (await (await service.call(`/api/jobs${query}`, {}, key)).json()) as List;
  return { ...service, list };
}

const at = (second: number) => new Date(Date.parse('2026-03-01T00:00:00Z') + second * 1_000).toISOString();

/** Twelve jobs, with ties in every order but the id's. */
const some = (changes: (n: number) => Partial<JobDocument> = () => ({})) =>
  Array.from({ length: 12 }, (_, index) =>
    document(index + 1, {
      created_at: at(Math.floor(index / 3)),
      updated_at: at(100 - Math.floor(index / 2)),
      filename: ['beta.mp4', 'Alpha.mp4', 'gamma.mp4', 'Émile.mp4'][index % 4] ?? '',
      status: (['queued', 'completed', 'failed'] as const)[index % 3] ?? 'queued',
      source_bytes: 1_000 * (index % 5),
      ...changes(index + 1),
    }),
  );

test('each order, in either direction, by pages and by cursors to the end and back: the same rows, none twice', async (t) => {
  const { list } = await open(t, some());
  for (const key of ['created_at', 'updated_at', 'filename', 'status', 'size'])
    for (const sort of [key, `-${key}`]) {
      const whole = numbers(await list(`?sort=${sort}`));
      t.is(new Set(whole).size, 12, sort);
      const byPage: number[] = [];
      for (let page = 1; page <= 3; page += 1)
        byPage.push(...numbers(await list(`?sort=${sort}&per_page=5&page=${page}`)));
      t.deepEqual(byPage, whole, `${sort} by page`);

      let slice = await list(`?sort=${sort}&per_page=5`);
      const forward = [numbers(slice)];
      while (slice.next_cursor) {
        slice = await list(`?per_page=5&cursor=${slice.next_cursor}`);
        forward.push(numbers(slice));
      }
      t.deepEqual(forward.flat(), whole, `${sort} by cursor`);
      const back = [numbers(slice)];
      while (slice.previous_cursor) {
        slice = await list(`?per_page=5&cursor=${slice.previous_cursor}`);
        back.unshift(numbers(slice));
      }
      t.deepEqual(back.flat(), whole, `${sort} back`);
    }
  t.deepEqual(numbers(await list('?sort=created_at')), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  t.deepEqual(numbers(await list('?sort=-created_at')), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  t.deepEqual(numbers(await list('?sort=filename')), [2, 6, 10, 1, 5, 9, 3, 7, 11, 4, 8, 12], 'without case');
  t.deepEqual(numbers(await list('?sort=-size&per_page=3')), [10, 5, 9]);
  t.deepEqual(numbers(await list('')), numbers(await list('?sort=-created_at')), 'newest first');
});

test('a cursor is not disturbed by jobs that come before it and go behind it', async (t) => {
  const { list, project } = await open(t, some());
  const first = await list('?per_page=5');
  await project(document(99, { created_at: at(1_000) }));
  await project(document(7, { status: 'deleted', revision: 2 }));
  const second = await list(`?per_page=5&cursor=${first.next_cursor}`);
  t.deepEqual([...numbers(first), ...numbers(second)], [12, 11, 10, 9, 8, 6, 5, 4, 3, 2]);
  const onPages = [...numbers(await list('?per_page=5')), ...numbers(await list('?per_page=5&page=2'))];
  t.true(onPages.includes(99));
});

test('filters: several statuses, a range of time, and their totals', async (t) => {
  const { list, count } = await open(t, some());
  for (const status of ['queued', 'completed', 'failed'] as const) await count('anna', status, 4);
  t.deepEqual(numbers(await list('?status=failed')), [12, 9, 6, 3]);
  t.like(await list('?status=failed,completed&per_page=2'), { total: 8, total_pages: 4 });
  t.deepEqual(numbers(await list('?status=failed,completed&per_page=2')), [12, 11]);
  const range = `?created_after=${at(0)}&created_before=${at(2)}`;
  t.deepEqual(numbers(await list(range)), [6, 5, 4], 'neither end is in it');
  t.is((await list(range)).total, 3);
  t.deepEqual(numbers(await list(`${range}&status=queued`)), [4]);
  t.is((await list(`${range}&status=queued`)).total, 1);
  t.deepEqual(numbers(await list(`?created_after=2026-03-01T01:00:02+01:00`)), [12, 11, 10]);
});

test('q finds parts of file names and of metadata values, without case, and nothing of another account', async (t) => {
  const { list } = await open(t, [
    document(1, { filename: 'Summer Holiday 100%.mp4' }),
    document(2, { filename: 'winter.mp4', metadata: { Series: 'Holidays of 2026', note: 'a_b\\c' } }),
    document(3, { filename: 'ÉCLAIR.mp4' }),
    document(4, { filename: 'holiday.mp4', account_id: 'bert' }),
    document(5, { filename: 'holiday.mp4', status: 'deleted' }),
  ]);
  const found = async (q: string) => numbers(await list(`?sort=created_at&q=${encodeURIComponent(q)}`));
  t.deepEqual(await found('holiday'), [1, 2]);
  t.deepEqual(await found('  HOLIDAY 1 '), [1]);
  t.deepEqual(await found('e\u0301clair'), [3], 'accents however they were composed');
  t.deepEqual(await found('x'), []);
  t.deepEqual(await found('100%'), [1]);
  t.deepEqual(await found('%'), [1], 'no wildcard');
  t.deepEqual(await found('_'), [2], 'no wildcard');
  t.deepEqual(await found('\\'), [2], 'no escape');
  t.deepEqual(await found('Series'), [], 'keys of metadata are not looked through');
  t.deepEqual(await found(`' or '1'='1`), []);
  t.deepEqual(await found(`'; drop table read_model.job; --`), []);
  t.is((await list('?q=holiday')).total, 2);
  t.deepEqual(numbers(await list('?q=holiday', 'bert')), [4]);
  t.deepEqual(await found(''), [1, 2, 3], 'an empty one filters nothing');
});

test('Link headers lead through the list, absolute, with the filters of the call', async (t) => {
  const { call, count } = await open(t, some());
  for (const status of ['queued', 'completed', 'failed'] as const) await count('anna', status, 4);
  const links = async (query: string) => {
    const header = (await call(`/api/jobs${query}`)).headers.get('link') ?? '';
    return Object.fromEntries(
      [...header.matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, url = '', relation = '']) => [relation, url]),
    );
  };
  const base = 'https://video.example/api/jobs';
  t.deepEqual(await links('?per_page=5&status=queued,failed&page=1'), {
    first: `${base}?per_page=5&status=queued%2Cfailed&page=1`,
    next: `${base}?per_page=5&status=queued%2Cfailed&page=2`,
    last: `${base}?per_page=5&status=queued%2Cfailed&page=2`,
  });
  t.deepEqual(Object.keys(await links('?per_page=5&page=2')), ['first', 'prev', 'next', 'last']);
  t.deepEqual(Object.keys(await links('?per_page=5&page=3')), ['first', 'prev', 'last']);
  t.is((await links('?per_page=5&page=9')).prev, `${base}?per_page=5&page=3`);
  const { next_cursor } = (await (await call('/api/jobs?per_page=5')).json()) as List;
  const byCursor = await links(`?per_page=5&cursor=${next_cursor}`);
  t.deepEqual(Object.keys(byCursor), ['first', 'prev', 'next']);
  t.is(byCursor.first, `${base}?per_page=5`);
  const previous = (byCursor.prev ?? '').replace('https://video.example', '');
  t.deepEqual(numbers((await (await call(previous)).json()) as List), [12, 11, 10, 9, 8]);
});

test('whatever cannot be is refused, field by field', async (t) => {
  const { call, list } = await open(t, some());
  const { next_cursor } = await list('?per_page=5');
  const made = (cursor: object) => Buffer.from(JSON.stringify(cursor)).toString('base64url');
  const good = { sort: 'size', descending: true, value: '5', id: jobId(1), side: 'after' };
  const bad: [string, string][] = [
    ['sort', 'sort=account_id'],
    ['sort', 'sort=--size'],
    ['sort', 'sort=size,status'],
    ['sort', 'sort='],
    ['status', 'status='],
    ['status', 'status=queued,deleted'],
    ['status', `status=${'queued,'.repeat(40)}`],
    ['created_after', 'created_after=yesterday'],
    ['created_after', 'created_after=2026-01-01'],
    ['created_before', 'created_before=2026-01-01T00:00:00'],
    ['q', `q=${'a'.repeat(201)}`],
    ['q', 'q=a%07b'],
    ['per_page', 'per_page=1e1'],
    ['page', 'page=99999999999999999999'],
    ['colour', 'colour=red'],
    ['statsu', 'statsu=failed'],
    ['q', 'q=a&q=b'],
    ['cursor', `cursor=${next_cursor}&page=2`],
    ['cursor', `cursor=${next_cursor}&sort=size`],
    ['cursor', 'cursor='],
    ['cursor', 'cursor=nonsense'],
    ['cursor', `cursor=${'a'.repeat(3_000)}`],
    ['cursor', `cursor=${made({ ...good, value: `5' or 1=1` })}`],
    ['cursor', `cursor=${made({ ...good, sort: 'created_at' })}`],
    ['cursor', `cursor=${made({ ...good, sort: 'filename', value: 'a\0' })}`],
    ['cursor', `cursor=${made({ ...good, id: 'x' })}`],
    ['cursor', `cursor=${made({ ...good, account_id: 'bert' })}`],
  ];
  for (const [field, query] of bad) {
    const response = await call(`/api/jobs?${query}`);
    const body = (await response.clone().json()) as { errors: Record<string, string> };
    t.deepEqual(await problemOf(response), [400, 'invalid_request'], query);
    t.deepEqual(Object.keys(body.errors), [field], query);
  }
  t.is((await call(`/api/jobs?cursor=${made(good)}`)).status, 200);
});
