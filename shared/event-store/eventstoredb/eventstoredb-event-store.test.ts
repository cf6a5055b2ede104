import test, { type ExecutionContext } from 'ava';
import { jobStream } from '../../contracts/routing.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { testEventStoreContract } from '../../testing/event-store-contract.ts';
import { startEventStoreDbServer } from '../../testing/eventstoredb/server.ts';
import { RevisionConflictError } from '../event-store.ts';
import { CheckpointLostError } from './checkpoint.ts';
import { EventStoreDbError } from './errors.ts';
import { openEventStoreDb } from './eventstoredb-event-store.ts';

// Over a gRPC server that speaks EventStoreDB's protocol; the real one: tests/integration/eventstoredb.test.ts.
const METADATA = { correlation_id: 'request-1' };
const EVENT = { type: 'JobRetried', data: { by: 'key' } };

async function open(t: ExecutionContext) {
  const server = await startEventStoreDbServer();
  const store = await openEventStoreDb(server.url, silentLogger);
  t.teardown(async () => {
    await store.close();
    await server.stop();
  });
  return { server, store };
}

testEventStoreContract(test, 'eventstoredb protocol', async (t) => (await open(t)).store);
test('an append whose answer was lost is repeated and stored once', async (t) => {
  const { server, store } = await open(t);
  const stream = jobStream('a');
  await store.append(stream, 0, [EVENT], METADATA);
  server.loseNextAnswer();
  const [second] = await store.append(stream, 1, [EVENT], METADATA);
  t.is(second?.revision, 2);
  t.is((await store.read(stream)).length, 2);
  await t.throwsAsync(store.append(stream, 1, [EVENT], METADATA), { instanceOf: RevisionConflictError });
});

test('calls wait for a server that restarts', async (t) => {
  const { server, store } = await open(t);
  const stream = jobStream('a');
  await store.append(stream, 0, [EVENT], METADATA);
  await server.stop();
  await t.throwsAsync(store.ping(), { message: /cannot be reached/ });
  const appending = store.append(stream, 1, [EVENT], METADATA);
  const reading = store.readAll(0n, 10);
  await server.start();
  t.is((await appending)[0]?.revision, 2);
  t.true((await reading).length >= 1);
});

test('streams of the server and checkpoints are no events of jobs', async (t) => {
  const { server, store } = await open(t);
  const noise = {
    id: crypto.randomUUID(),
    metadata: [],
    customMetadata: new Uint8Array(),
    data: new Uint8Array(),
  };
  const checkpoint = await store.claimCheckpoint('test');
  for (let n = 0; n < 250; n += 1) server.log.append('$stats-0.0.0.0:2113', 'any', [noise]);
  await store.append(jobStream('a'), 0, [EVENT, EVENT], METADATA);
  await checkpoint.save(1n);
  for (let n = 0; n < 250; n += 1) server.log.append('$stats-0.0.0.0:2113', 'any', [noise]);
  await store.append(jobStream('b'), 0, [EVENT], METADATA);
  t.deepEqual(
    (await store.readAll(0n, 10)).map(({ stream }) => stream),
    [jobStream('a'), jobStream('a'), jobStream('b')],
  );
});

test('a checkpoint is kept, and belongs to who claimed it last', async (t) => {
  const { store } = await open(t);
  const first = await store.claimCheckpoint('lane');
  t.is(first.position, undefined);
  await first.save(41n);
  await first.save(2n ** 60n);
  const second = await store.claimCheckpoint('lane');
  t.is(second.position, 2n ** 60n);
  await t.throwsAsync(first.save(42n), { instanceOf: CheckpointLostError });
  await second.save(2n ** 60n + 1n);
  t.is((await store.claimCheckpoint('other')).position, undefined);
  t.is((await store.claimCheckpoint('lane')).position, 2n ** 60n + 1n);
});

test('what was not written by this system is refused by name', async (t) => {
  const { server, store } = await open(t);
  const foreign = {
    id: crypto.randomUUID(),
    metadata: [
      ['type', 'Other'],
      ['content-type', 'application/json'],
    ] satisfies [string, string][],
    customMetadata: new Uint8Array(),
    data: Buffer.from('{}'),
  };
  server.log.append(jobStream('a'), 'any', [foreign]);
  await t.throwsAsync(store.read(jobStream('a')), {
    instanceOf: EventStoreDbError,
    message: new RegExp(`${foreign.id} of stream job-a is not in this system's form`),
  });
});

test('errors name EVENTSTOREDB_URL and what to do, without the password', async (t) => {
  const { server, store } = await open(t);
  server.denyAccess();
  await t.throwsAsync(store.read(jobStream('a')), {
    instanceOf: EventStoreDbError,
    message: /esdb:\/\/127\.0\.0\.1:\d+ \(EVENTSTOREDB_URL\) refuses this user/,
  });
  await t.throwsAsync(store.append(jobStream('a'), 0, [EVENT], METADATA), { message: /EVENTSTOREDB_URL/ });
  await t.throwsAsync(openEventStoreDb('esdb://user:secret@host:port', silentLogger), {
    message: /EVENTSTOREDB_URL/,
  });
});

test('a server that is not there is an error that says so', async (t) => {
  const { url, stop } = await startEventStoreDbServer();
  await stop();
  const error = await t.throwsAsync(openEventStoreDb(url.replace('//', '//admin:secret@'), silentLogger), {
    instanceOf: EventStoreDbError,
    message: /\(EVENTSTOREDB_URL\) cannot be reached/,
  });
  t.notRegex(String(error?.message), /secret/);
});
