import { readFile } from 'node:fs/promises';
import type { OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topicSettings, topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { NewEvent } from '@transcodeflow/shared/event-store/event-store.ts';
import { readOutbox } from '@transcodeflow/shared/event-store/postgres/outbox.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test from 'ava';
import { followJobs, inMemoryLedger, type JobEvent } from '../../docs/contracts/example-consumer.ts';
import { validator } from '../contracts/schemas.ts';
import { type KafkaBroker, startKafka } from '../systems/kafka-broker.ts';
import { until } from '../systems/until.ts';

const JOBS = ['019b7a11-7000-7000-8000-00000000000a', '019b7a11-7000-7000-8000-00000000000b'] as const;
const HISTORY: NewEvent[] = [
  { type: 'JobRequested', data: sampleRequest(JOBS[0]) },
  { type: 'JobCancelled', data: { by: 'key-1' } },
  { type: 'JobRetried', data: { by: 'key-1' } },
  { type: 'JobFailed', data: { code: 'no_video_stream', reason: 'There is no video in it' } },
  { type: 'JobDeleted', data: { by: 'key-1' } },
];

let kafka: KafkaBroker;
test.before(async () => {
  kafka = await startKafka();
});
test.after.always(async () => {
  await kafka?.stop();
});

test('the example handles every published event once and in order, though some are delivered again', async (t) => {
  const settings = topicSettings.filter(({ topic }) => topic === topics.jobs);
  await ensureTopics({ brokers: kafka.brokers, settings, log });
  const bus = await openKafkaBus({ brokers: kafka.brokers, clientId: 'test', log });
  t.teardown(() => bus.close());
  const messages = await storedAndPublishable(t);
  t.is(messages.length, 10);

  const ledger = inMemoryLedger();
  const handled: JobEvent[] = [];
  const failed: string[] = [];
  const isHandled = (count: number) =>
    until(
      `${count} events are handled`,
      () => handled.length,
      (length) => length >= count,
      60_000,
    );
  const follow = async () => {
    const consumer = await followJobs({
      brokers: kafka.brokers,
      groupId: 'downstream',
      ledger,
      onEvent: async (event) => {
        // The consumer fails once in the middle: Kafka delivers that event again.
        if (event.revision === 2 && failed.length === 0) {
          failed.push(event.id);
          throw new Error('The database of the consumer is away');
        }
        handled.push(event);
      },
    });
    t.teardown(() => consumer.close());
    return consumer;
  };

  const first = await follow();
  await bus.publish(messages.slice(0, 6));
  await isHandled(6);
  // The relay was killed between the acknowledgement and its outbox: all of it is published again.
  await bus.publish(messages.slice(0, 6));
  await bus.publish(messages.slice(4, 8));
  await isHandled(8);
  await first.close();
  await bus.publish(messages.slice(2));
  await follow();
  await isHandled(10);

  t.true(
    handled.some(({ id }) => id === failed[0]),
    'what failed was delivered again',
  );
  t.is(new Set(handled.map(({ id }) => id)).size, 10);
  t.is(handled.length, 10);
  for (const job of JOBS)
    t.deepEqual(
      handled
        .filter(({ jobId }) => jobId === job)
        .map(({ revision, type, data }) => ({ revision, type, data })),
      HISTORY.map((event, index) => ({ revision: index + 1, ...event })),
    );
  for (const { type, version, data } of handled) {
    const file = new URL(`../../docs/contracts/schemas/job-event/${type}.v${version}.json`, import.meta.url);
    const validate = validator(JSON.parse(await readFile(file, 'utf8')));
    t.true(validate(data), JSON.stringify(validate.errors));
  }
});

/** Two jobs' events, appended to the event store in turn, as the relay publishes them. */
async function storedAndPublishable(t: Parameters<typeof testDatabase>[0]): Promise<OutgoingMessage[]> {
  const url = await testDatabase(t);
  const store = await openPostgresEventStore(url, log);
  const pool = openPool({ url, name: 'test', log });
  t.teardown(async () => {
    await pool.end();
    await store.close();
  });
  for (const [revision, event] of HISTORY.entries())
    for (const job of JOBS)
      await store.append(jobStream(job), revision, [event], { correlation_id: 'request-1' });
  return (await readOutbox(pool, topics.jobs, 100)).map(({ message }) => message);
}
