import type { Bus, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { apiKeyStream, jobStream, webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openEventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { startEventStoreDbServer } from '@transcodeflow/shared/testing/eventstoredb/server.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { eventStoreDbSource } from './eventstoredb-source.ts';
import { type Relay, startRelay } from './relay.ts';

const METADATA = { correlation_id: 'request-1' };
const JOBS = ['019b7a11-7000-7000-8000-00000000000a', '019b7a11-7000-7000-8000-00000000000b'] as const;
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const unique = (numbers: readonly number[]) => [...new Set(numbers)];

/** The relay as it runs, over a server that speaks EventStoreDB's protocol, and Postgres for the election. */
async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const server = await startEventStoreDbServer();
  const store = await openEventStoreDb(server.url, silentLogger);
  const bus = createInProcessBus();
  const relays: Relay[] = [];
  t.teardown(async () => {
    for (const relay of relays) await relay.close();
    await bus.close();
    await store.close();
    await server.stop();
  });
  const seen: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'reader',
    topics: [topics.jobs, topics.control],
    handler: async ({ messages }) => void seen.push(...messages),
  });
  return {
    url,
    server,
    store,
    bus,
    seen,
    revisions: (jobId: string, topic: string = topics.jobs) =>
      seen
        .filter((message) => message.topic === topic)
        .map(fromMessage)
        .filter(({ subject }) => subject === jobId)
        .map(({ revision }) => revision ?? 0),
    append: (jobId: string, expected: number, count: number, type = 'JobRetried') =>
      store.append(
        jobStream(jobId),
        expected,
        oneTo(count).map((n) => ({ type, data: { by: `key-${expected + n}`, priority: 'normal' } })),
        METADATA,
      ),
    relay(over: Bus = bus, published: string[] = [topics.jobs, topics.control, topics.tasks.normal]): Relay {
      const lanes = published.map((topic) => ({
        topic,
        batch: topic === topics.tasks.normal ? 1 : 10,
      }));
      const relay = startRelay({
        source: eventStoreDbSource({ store, url }),
        bus: over,
        log: silentLogger,
        lanes,
      });
      relays.push(relay);
      return relay;
    },
  };
}

test('I2, I3: everything stored is published, before the start and after it, in order per job', async (t) => {
  const { append, relay, revisions, seen, store } = await open(t);
  for (const job of JOBS) await append(job, 0, 25);
  relay();
  await until('the stored ones are published', () => JOBS.every((job) => revisions(job).length === 25));
  for (const job of JOBS) await append(job, 25, 5);
  await until('the new ones are published', () => JOBS.every((job) => revisions(job).length === 30));
  for (const job of JOBS) t.deepEqual(revisions(job), oneTo(30));
  const [first] = await store.read(jobStream(JOBS[0]));
  t.like(fromMessage(seen[0]!), {
    id: first?.id,
    type: 'JobRetried',
    source: '/transcodeflow/jobs',
    subject: JOBS[0],
    time: first?.time,
    revision: 1,
    position: first?.position,
    correlationid: 'request-1',
  });
  t.is(seen[0]?.key, JOBS[0]);
});

test('I3: events of keys and endpoints are published in order per account, on a topic of their own', async (t) => {
  const { store, append, relay, bus, revisions } = await open(t);
  const messages: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'accounts',
    topics: [topics.accounts],
    handler: async (batch) => void messages.push(...batch.messages),
  });
  const [account, endpoint] = JOBS;
  const data = { id: account, account_id: account, by: 'bootstrap' };
  const revoked = { type: 'ApiKeyRevoked', data };
  await store.append(apiKeyStream(account), 0, [revoked, revoked], METADATA);
  await store.append(
    webhookStream(endpoint),
    0,
    [{ type: 'WebhookEndpointDeleted', data: { ...data, id: endpoint } }],
    METADATA,
  );
  await append(account, 0, 1);
  relay(bus, [topics.jobs, topics.accounts]);
  await until('all are published', () => messages.length === 3 && revisions(account).length === 1);
  t.deepEqual(
    messages.map((message) => [message.key, fromMessage(message).subject, fromMessage(message).revision]),
    [
      [account, account, 1],
      [account, account, 2],
      [account, endpoint, 1],
    ],
  );
  t.like(fromMessage(messages[0]!), {
    source: '/transcodeflow/accounts',
    dataschema: 'urn:transcodeflow:account-event:ApiKeyRevoked:v1',
  });
  t.deepEqual(
    (await store.readAll(0n, 10)).map(({ stream }) => stream),
    [apiKeyStream(account), apiKeyStream(account), webhookStream(endpoint), jobStream(account)],
  );
});

test('I2: a relay goes on from its checkpoint, and publishes nothing twice after an orderly end', async (t) => {
  const { append, relay, revisions } = await open(t);
  const first = relay();
  await append(JOBS[0], 0, 20);
  await until('they are published', () => revisions(JOBS[0]).length === 20);
  // The next batch is asked for when the one before is saved: two later events show that those 20 are.
  await append(JOBS[0], 20, 1);
  await until('one more', () => revisions(JOBS[0]).length === 21);
  await first.close();
  t.false(first.active());
  await append(JOBS[0], 21, 9);
  relay();
  await until('all are published', () => revisions(JOBS[0]).includes(30));
  const published = revisions(JOBS[0]);
  t.deepEqual(unique(published), oneTo(30));
  t.true(published.length <= 31, `at most the last batch again: ${published}`);
});

test('a full task lane holds up no other, and stops the server from sending', async (t) => {
  const { server, append, relay, revisions, bus } = await open(t);
  const gate = Promise.withResolvers<void>();
  const taken: number[] = [];
  const full: Bus = {
    ...bus,
    async publish(messages) {
      if (messages[0]?.topic === topics.tasks.normal) await gate.promise;
      for (const message of messages)
        if (message.topic === topics.tasks.normal) taken.push(fromMessage(message).revision ?? 0);
      await bus.publish(messages);
    },
  };
  relay(full);
  // Larger than what HTTP/2's windows and the buffers on the way hold.
  for (let expected = 0; expected < 1_000; expected += 250)
    await append(JOBS[0], expected, 250, 'TaskScheduled');
  await until('the jobs lane is through', () => revisions(JOBS[0]).length === 1_000);
  t.deepEqual(taken, []);
  // Sent besides: to the appending store, to the lanes of jobs and of control.
  t.true(server.sent() < 4 * 1_000, `${server.sent()}: the stopped lane has not read everything`);
  gate.resolve();
  await until('the tasks follow', () => taken.length === 1_000);
  t.deepEqual(taken, oneTo(1_000));
});

test('I2: while the bus fails nothing is lost, and it is published in order once it is back', async (t) => {
  const { append, relay, revisions, bus } = await open(t);
  let failures = 0;
  let away = true;
  relay({
    ...bus,
    publish: async (messages) => {
      if (!away) return bus.publish(messages);
      failures += 1;
      throw new Error('the broker is away');
    },
  });
  await append(JOBS[0], 0, 25);
  await until('it was tried more than once', () => failures > 2);
  t.deepEqual(revisions(JOBS[0]), []);
  away = false;
  await until('all are published', () => revisions(JOBS[0]).length >= 25);
  t.deepEqual(revisions(JOBS[0]), oneTo(25));
});

test('I2: a server that goes away and comes back loses nothing and keeps the order', async (t) => {
  const { server, append, relay, revisions } = await open(t);
  relay();
  for (let round = 0; round < 3; round += 1) {
    await append(JOBS[0], round * 10, 10);
    await until('some are published', () => revisions(JOBS[0]).length > 0);
    await server.stop();
    await server.start();
  }
  await append(JOBS[0], 30, 10);
  await until('all are published', () => unique(revisions(JOBS[0])).length === 40);
  t.deepEqual(unique(revisions(JOBS[0])), oneTo(40), 'every event, first seen in order');
});

test('I2: of two relays one is active; the other takes over when its connection is killed', async (t) => {
  const { url, append, relay, revisions } = await open(t);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  const relays = [relay(), relay()];
  await until('one is active', () => relays.some(({ active }) => active()));
  await append(JOBS[0], 0, 10);
  await until('they are published', () => revisions(JOBS[0]).length === 10);
  t.is(relays.filter(({ active }) => active()).length, 1);
  await client.query(
    `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and application_name = 'transcodeflow relay' and datname = current_database()`,
  );
  await append(JOBS[0], 10, 10);
  await until('all are published', () => unique(revisions(JOBS[0])).length === 20);
  t.deepEqual(unique(revisions(JOBS[0])), oneTo(20));
});

test('I2: a relay that lost the right to publish without noticing cannot move the checkpoint', async (t) => {
  const { store, append, relay, revisions, bus } = await open(t);
  let hold: Promise<void> | undefined;
  const release = Promise.withResolvers<void>();
  relay({
    ...bus,
    publish: async (messages) => {
      await bus.publish(messages);
      await hold;
    },
  });
  await append(JOBS[0], 0, 1);
  await until('published', () => revisions(JOBS[0]).length === 1);
  hold = release.promise;
  await append(JOBS[0], 1, 1);
  await until('published, not yet saved', () => revisions(JOBS[0]).length === 2);
  const usurper = await store.claimCheckpoint(topics.jobs);
  hold = undefined;
  release.resolve();
  // Its save is refused; it starts again, claims, and publishes from where the other one stood.
  await until('published again', () => revisions(JOBS[0]).length >= 3);
  await t.throwsAsync(usurper.save(1n), { message: /Another relay has taken over/ });
  t.deepEqual(unique(revisions(JOBS[0])), [1, 2]);
});
