import type { Bus, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openEventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { startEventStoreDbServer } from '@transcodeflow/shared/testing/eventstoredb/server.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { eventStoreDbSource } from '../relay/eventstoredb-source.ts';
import { type Relay, startRelay } from '../relay/relay.ts';

export const METADATA = { correlation_id: 'request-1' };
export const JOBS = ['019b7a11-7000-7000-8000-00000000000a', '019b7a11-7000-7000-8000-00000000000b'] as const;
export const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
export const unique = (numbers: readonly number[]) => [...new Set(numbers)];

/** The relay as it runs, over a server that speaks EventStoreDB's protocol, and Postgres for the election. */
export async function openEventStoreDbRelay(t: ExecutionContext) {
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
