import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { jobStream } from '../../contracts/routing.ts';
import { topics } from '../../contracts/topics.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { testDatabase } from '../../testing/postgres.ts';
import { type NewEvent, RevisionConflictError } from '../event-store.ts';
import { openPostgresEventStore } from './postgres-event-store.ts';

const STREAM = jobStream('019b7a11-7000-7000-8000-00000000000a');
const OTHER = jobStream('019b7a11-7000-7000-8000-00000000000b');
const METADATA = { correlation_id: 'request-1', causation_id: 'cause-1', traceparent: '00-1-2-01' };
const event = (n: number): NewEvent => ({ type: 'JobRetried', data: { by: `key-${n}` } });

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const store = await openPostgresEventStore(url, silentLogger);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await store.close();
  });
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await client.query(sql)).rows;
  return { url, store, client, rows };
}

const CONFLICT = { instanceOf: RevisionConflictError };

test('what was appended is read back in order, with its metadata', async (t) => {
  const { store } = await open(t);
  const appended = await store.append(STREAM, 0, [event(1), event(2)], METADATA);
  t.deepEqual(
    appended.map(({ revision }) => revision),
    [1, 2],
  );
  const [third] = await store.append(STREAM, 2, [event(3)], { correlation_id: 'request-2' });
  await store.append(OTHER, 0, [event(9)], METADATA);
  const read = await store.read(STREAM);
  t.deepEqual(read, [...appended, ...(third ? [third] : [])]);
  t.like(read[0], {
    stream: STREAM,
    type: 'JobRetried',
    version: 1,
    data: { by: 'key-1' },
    metadata: METADATA,
  });
  t.deepEqual(await store.read(STREAM, 3), read.slice(2));
  t.deepEqual(await store.read(jobStream('unknown')), []);
  t.is(new Set(read.map(({ id }) => id)).size, 3);
  t.true(read.every(({ time }) => Math.abs(Date.parse(time) - Date.now()) < 60_000));
});

test('readAll pages through every stream in order of position', async (t) => {
  const { store } = await open(t);
  for (let n = 0; n < 5; n += 1) {
    await store.append(STREAM, n, [event(n)], METADATA);
    await store.append(OTHER, 2 * n, [event(n), event(n)], METADATA);
  }
  const seen: bigint[] = [];
  for (
    let page = await store.readAll(0n, 4);
    page.length > 0;
    page = await store.readAll(seen.at(-1) ?? 0n, 4)
  ) {
    t.true(page.length <= 4);
    seen.push(...page.map(({ position }) => position));
  }
  t.is(seen.length, 15);
  t.deepEqual(
    seen,
    [...seen].sort((a, b) => (a < b ? -1 : 1)),
  );
});

test('I1: an append behind or past the end of the stream is refused and leaves nothing', async (t) => {
  const { store, rows } = await open(t);
  await store.append(STREAM, 0, [event(1), event(2)], METADATA);
  for (const expected of [0, 1, 3, 7])
    await t.throwsAsync(store.append(STREAM, expected, [event(3)], METADATA), CONFLICT, String(expected));
  await t.throwsAsync(store.append(OTHER, 1, [event(1)], METADATA), CONFLICT, 'no such stream');
  t.is((await store.readAll(0n, 10)).length, 2);
  t.is((await rows('select 1 from event_store.outbox')).length, 2);
});

test('I1: of concurrent appends at one revision exactly one wins', async (t) => {
  const { store, rows } = await open(t);
  for (let expected = 0; expected < 20; expected += 1) {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) => store.append(STREAM, expected, [event(writer)], METADATA)),
    );
    t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results)
      if (result.status === 'rejected')
        t.true(result.reason instanceof RevisionConflictError, String(result.reason));
  }
  t.deepEqual(
    (await store.read(STREAM)).map(({ revision }) => revision),
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  t.is((await rows('select 1 from event_store.outbox')).length, 20);
});

test('I2: each event leaves outbox rows for its topics in the same transaction, in order, with the right keys', async (t) => {
  const { store, rows } = await open(t);
  const id = STREAM.slice('job-'.length);
  const [, , stored] = await store.append(
    STREAM,
    0,
    [
      { type: 'JobRequested', data: {} },
      { type: 'TaskScheduled', data: { priority: 'low' } },
      { type: 'TaskStarted', data: {} },
      { type: 'TaskSucceeded', data: {} },
      { type: 'JobCancelled', data: {} },
    ],
    METADATA,
  );
  const outbox = await rows('select * from event_store.outbox order by seq');
  t.deepEqual(
    outbox.map(({ type, aggregatetype, message_key, revision }) => [
      revision,
      type,
      aggregatetype,
      message_key,
    ]),
    [
      [1, 'JobRequested', topics.jobs, id],
      [2, 'TaskScheduled', topics.jobs, id],
      [2, 'TaskScheduled', topics.tasks.low, null],
      [3, 'TaskStarted', topics.jobs, id],
      [3, 'TaskStarted', topics.control, id],
      [4, 'TaskSucceeded', topics.jobs, id],
      [5, 'JobCancelled', topics.jobs, id],
      [5, 'JobCancelled', topics.control, id],
    ],
  );
  t.like(outbox[3], {
    id: stored?.id,
    aggregateid: id,
    position: String(stored?.position),
    metadata: METADATA,
    payload: {},
  });
});

test('I2: an append that fails in the middle leaves neither events nor outbox rows', async (t) => {
  const { store, client, rows } = await open(t);
  await store.append(STREAM, 0, [event(1)], METADATA);
  await client.query(`alter table event_store.outbox add constraint full_disk check (type <> 'TaskStarted')`);
  await t.throwsAsync(store.append(STREAM, 1, [event(2), { type: 'TaskStarted', data: {} }], METADATA), {
    message: /full_disk/,
  });
  await client.query(`alter table event_store.outbox drop constraint full_disk`);
  await client.query(`alter table event_store.event add constraint full_disk check (revision <> 3)`);
  await t.throwsAsync(store.append(STREAM, 1, [event(2), event(3)], METADATA), { message: /full_disk/ });
  t.is((await store.read(STREAM)).length, 1);
  t.is((await rows('select 1 from event_store.outbox')).length, 1);
});

test('data comes back as it went in, whatever JSON it is', async (t) => {
  const { store } = await open(t);
  let revision = 0;
  const data: unknown[] = [
    { zero: '\u0000', emoji: '🎬', lone: '\ud800', quotes: `'"\\`, z: 1, a: 2, big: 1e300, nothing: null },
  ];
  data.push(
    null,
    true,
    -0.1,
    '',
    [],
    {},
    [[{ a: [] }]],
    { __proto__x: 1, '': 'empty', ключ: 'значение', $1: '$2' },
    'x'.repeat(100_000),
  );
  for (const value of data)
    revision =
      (await store.append(STREAM, revision, [{ type: 'JobRetried', data: value }], METADATA)).at(-1)
        ?.revision ?? 0;
  const read = await store.read(STREAM);
  for (const [index, value] of data.entries()) t.is(JSON.stringify(read[index]?.data), JSON.stringify(value));
});

test('appending nothing is no write', async (t) => {
  const { store } = await open(t);
  t.deepEqual(await store.append(STREAM, 7, [], METADATA), []);
});

test('several stores that open a new database at once agree on its schema', async (t) => {
  const url = await testDatabase(t);
  const stores = await Promise.all(
    Array.from({ length: 4 }, () => openPostgresEventStore(url, silentLogger)),
  );
  t.teardown(async () => void (await Promise.all(stores.map((store) => store.close()))));
  await stores[0]?.append(STREAM, 0, [event(1)], METADATA);
  t.is((await stores[3]?.read(STREAM))?.length, 1);
  await t.notThrowsAsync(async () => stores[1]?.ping());
});
