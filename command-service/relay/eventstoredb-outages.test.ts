import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import pg from 'pg';
import { JOBS, oneTo, openEventStoreDbRelay, unique } from '../testing/eventstoredb-relay.ts';

test('I2: while the bus fails nothing is lost, and it is published in order once it is back', async (t) => {
  const { append, relay, revisions, bus } = await openEventStoreDbRelay(t);
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
  const { server, append, relay, revisions } = await openEventStoreDbRelay(t);
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
  const { url, append, relay, revisions } = await openEventStoreDbRelay(t);
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
  const { store, append, relay, revisions, bus } = await openEventStoreDbRelay(t);
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
