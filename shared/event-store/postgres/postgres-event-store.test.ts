import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { jobStream } from '../../contracts/routing.ts';
import { topics } from '../../contracts/topics.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { testEventStoreContract } from '../../testing/event-store-contract.ts';
import { testDatabase } from '../../testing/postgres.ts';
import { type NewEvent, RevisionConflictError } from '../event-store.ts';
import { openPostgresEventStore } from './postgres-event-store.ts';

const STREAM = jobStream('019b7a11-7000-7000-8000-00000000000a');
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

testEventStoreContract(test, 'postgres', async (t) => (await open(t)).store);

const CONFLICT = { instanceOf: RevisionConflictError };

test('I1: a refused append leaves no outbox row, neither do those that lose a race', async (t) => {
  const { store, rows } = await open(t);
  await store.append(STREAM, 0, [event(1), event(2)], METADATA);
  for (const expected of [0, 1, 3])
    await t.throwsAsync(store.append(STREAM, expected, [event(3)], METADATA), CONFLICT, String(expected));
  for (let expected = 2; expected < 10; expected += 1)
    await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) => store.append(STREAM, expected, [event(writer)], METADATA)),
    );
  t.is((await rows('select 1 from event_store.outbox')).length, 10);
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
