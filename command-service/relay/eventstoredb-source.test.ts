import type { Bus, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { apiKeyStream, jobStream, webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { JOBS, METADATA, oneTo, openEventStoreDbRelay, unique } from '../testing/eventstoredb-relay.ts';

test('I2, I3: everything stored is published, before the start and after it, in order per job', async (t) => {
  const { append, relay, revisions, seen, store } = await openEventStoreDbRelay(t);
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
  const { store, append, relay, bus, revisions } = await openEventStoreDbRelay(t);
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
  const { append, relay, revisions } = await openEventStoreDbRelay(t);
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
  const { server, append, relay, revisions, bus } = await openEventStoreDbRelay(t);
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
