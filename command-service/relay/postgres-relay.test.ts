import type { Bus, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { apiKeyStream, jobStream, webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { type Core, openCore } from '../testing/core.ts';

const METADATA = { correlation_id: 'request-1' };

async function openWithReader(t: ExecutionContext) {
  const core = await openCore(t);
  const seen: IncomingMessage[] = [];
  await core.bus.subscribe({
    group: 'reader',
    topics: [topics.jobs, topics.control, ...Object.values(topics.tasks)],
    handler: async ({ messages }) => void seen.push(...messages),
  });
  const revisions = (jobId: string, topic: string = topics.jobs) =>
    seen
      .filter((message) => message.topic === topic)
      .map(fromMessage)
      .filter(({ subject }) => subject === jobId)
      .map(({ revision }) => revision);
  const isEmpty = async () => (await core.rows('select 1 from event_store.outbox limit 1')).length === 0;
  return { ...core, seen, revisions, isEmpty };
}

async function append(store: Core['store'], jobId: string, expected: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => ({
    type: 'JobRetried',
    data: { by: `key-${expected + index + 1}` },
  }));
  await store.append(jobStream(jobId), expected, events, METADATA);
}

const revoked = (id: string) => ({ type: 'ApiKeyRevoked', data: { id, account_id: id, by: 'bootstrap' } });
const endpointDeleted = (id: string, account_id: string) => ({
  type: 'WebhookEndpointDeleted',
  data: { id, account_id, by: account_id },
});

const JOBS = ['019b7a11-7000-7000-8000-00000000000a', '019b7a11-7000-7000-8000-00000000000b'] as const;
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('I3: events of keys and endpoints are published in order per account, on a topic of their own', async (t) => {
  const { store, relay, bus, isEmpty, rows } = await openWithReader(t);
  const messages: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'accounts',
    topics: [topics.accounts],
    handler: async (batch) => void messages.push(...batch.messages),
  });
  const [account, endpoint] = JOBS;
  await store.append(apiKeyStream(account), 0, [revoked(account), revoked(account)], METADATA);
  await store.append(webhookStream(endpoint), 0, [endpointDeleted(endpoint, account)], METADATA);
  await append(store, account, 0, 1);
  relay();
  await until('the outbox is empty', isEmpty);
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
  t.is((await rows('select from event_store.event')).length, 4);
});

test('I2, I3: everything stored is published once, in order per job, and taken off the outbox', async (t) => {
  const { store, relay, revisions, isEmpty, seen } = await openWithReader(t);
  for (let expected = 0; expected < 30; expected += 3)
    for (const job of JOBS) await append(store, job, expected, 3);
  relay();
  await until('the outbox is empty', isEmpty);
  for (const job of JOBS) t.deepEqual(revisions(job), oneTo(30));
  const [first] = await store.read(jobStream(JOBS[0]));
  t.deepEqual(fromMessage(seen[0]!), {
    id: first!.id,
    type: 'JobRetried',
    source: '/transcodeflow/jobs',
    subject: JOBS[0],
    time: first!.time,
    dataschema: 'urn:transcodeflow:job-event:JobRetried:v1',
    revision: 1,
    position: first!.position,
    correlationid: 'request-1',
    causationid: undefined,
    traceparent: undefined,
    data: { by: 'key-1' },
  });
  t.is(seen[0]!.key, JOBS[0]);
});

test('a new event is published at once, without waiting for the next poll', async (t) => {
  const { store, relay, revisions, isEmpty } = await openWithReader(t);
  const { active } = relay();
  await until('the relay is active', active);
  for (let revision = 1; revision <= 20; revision += 1) {
    await append(store, JOBS[0], revision - 1, 1);
    await until('the event is published', () => revisions(JOBS[0]).length === revision);
  }
  await until('the outbox is empty', isEmpty);
  t.pass();
});

test('an accepted request reaches the topics of jobs and tasks', async (t) => {
  const { request, relay, revisions, isEmpty, seen } = await openWithReader(t);
  relay();
  const job = await request();
  await until('the outbox is empty', isEmpty);
  t.deepEqual(revisions(job), [1, 2]);
  t.deepEqual(revisions(job, topics.tasks.normal), [2]);
  t.is(seen.find(({ topic }) => topic === topics.tasks.normal)?.key, undefined);
});

test('I2: of two relays one is active; the other takes over when the first closes', async (t) => {
  const { store, relay, revisions, isEmpty } = await openWithReader(t);
  const first = relay();
  await until('the first relay is active', first.active);
  const second = relay();
  await append(store, JOBS[0], 0, 5);
  await until('the outbox is empty', isEmpty);
  t.false(second.active());
  await first.close();
  await until('the second took over', second.active);
  await append(store, JOBS[0], 5, 5);
  await until('the outbox is empty', isEmpty);
  t.deepEqual(revisions(JOBS[0]), oneTo(10));
});

test('I2: a relay whose connection is killed again and again loses nothing and keeps the order', async (t) => {
  const { store, relay, revisions, isEmpty, rows } = await openWithReader(t);
  const relays = [relay(), relay()];
  for (let round = 0; round < 4; round += 1) {
    await until('one is active', () => relays.some(({ active }) => active()));
    const killed = rows(
      `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and application_name = 'transcodeflow relay' and datname = current_database()`,
    );
    await append(store, JOBS[0], round * 10, 10);
    await killed;
  }
  await until('the outbox is empty', isEmpty);
  const published = revisions(JOBS[0]);
  t.deepEqual([...new Set(published)], oneTo(40), 'every event, first seen in order');
  t.true(relays.filter(({ active }) => active()).length <= 1);
});

/** The real bus, but publishing fails while told to. */
function unreliable(bus: Bus) {
  let failures = 0;
  const away = { until: 0, of: undefined as string | undefined };
  const wrapped: Bus = {
    ...bus,
    publish: async (messages) => {
      if ((away.of === undefined || messages[0]?.topic === away.of) && failures < away.until) {
        failures += 1;
        throw new Error('the broker is away');
      }
      return bus.publish(messages);
    },
  };
  return { wrapped, away, failures: () => failures };
}

test('I2: while the bus fails rows stay, and are published in order once it is back', async (t) => {
  const { store, bus, relay, revisions, isEmpty, rows } = await openWithReader(t);
  const { wrapped, away, failures } = unreliable(bus);
  away.until = Number.POSITIVE_INFINITY;
  relay(wrapped);
  await append(store, JOBS[0], 0, 25);
  await until('it was tried more than once', () => failures() > 2);
  t.is((await rows('select 1 from event_store.outbox')).length, 25);
  t.deepEqual(revisions(JOBS[0]), []);
  away.until = 0;
  await until('the outbox is empty', isEmpty);
  t.deepEqual(revisions(JOBS[0]), oneTo(25));
});

test('a topic that cannot be published holds up no other', async (t) => {
  const { bus, relay, request, revisions, rows } = await openWithReader(t);
  const { wrapped, away } = unreliable(bus);
  away.of = topics.tasks.normal;
  away.until = Number.POSITIVE_INFINITY;
  relay(wrapped);
  const job = await request();
  await until('the events are published', () => revisions(job).length === 2);
  const left = await until('only the task is left', async () => {
    const outbox = await rows('select aggregatetype from event_store.outbox');
    return outbox.length === 1 && outbox;
  });
  t.deepEqual(left, [{ aggregatetype: topics.tasks.normal }]);
});

test('I2: what nobody took when the relay closed stays in the outbox', async (t) => {
  const { store, bus, relay, revisions, isEmpty, rows } = await openWithReader(t);
  const never = Promise.withResolvers<void>();
  const stuck: Bus = { ...bus, publish: () => never.promise };
  const closing = relay(stuck);
  await append(store, JOBS[0], 0, 3);
  await until('the relay is active', closing.active);
  await closing.close();
  t.false(closing.active());
  t.is((await rows('select 1 from event_store.outbox')).length, 3);
  relay();
  await until('the outbox is empty', isEmpty);
  t.deepEqual(revisions(JOBS[0]), oneTo(3));
});
