import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { serialQueries } from '@transcodeflow/shared/event-store/postgres/serial-queries.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test from 'ava';
import pg from 'pg';
import { openCore } from '../testing/core.ts';
import { runLane } from './lane.ts';
import { outboxLane } from './postgres-source.ts';
import { createSignalBox } from './signal-box.ts';

const topic = 'transcodeflow.tasks.normal';

test('a lane that is stopped between reading and publishing ends, though nobody would take the message', async (t) => {
  const core = await openCore(t);
  await core.request();
  const client = new pg.Client({ connectionString: core.url });
  await client.connect();
  t.teardown(() => client.end());
  const { query } = serialQueries(client);
  const stop = new AbortController();
  const published: string[] = [];
  const nobody: Bus = {
    ...createInProcessBus(),
    publish: (messages) => {
      published.push(...messages.map((message) => message.topic));
      return new Promise<never>(() => {});
    },
  };
  await runLane({
    topic,
    batch: 10,
    source: outboxLane(
      topic,
      {
        async query(config) {
          const result = await query(config);
          t.is(result.rows.length, 1);
          stop.abort();
          return result as never;
        },
      },
      createSignalBox([topic]),
    ),
    bus: nobody,
    log: silentLogger,
    signal: stop.signal,
  });
  t.deepEqual(published, [], "what is no longer this relay's to publish");
});

test('a signal that comes while nobody waits is kept for the next wait', async (t) => {
  const box = createSignalBox(['a', 'b']);
  const { signal } = new AbortController();
  const order: string[] = [];
  box.raise(['a']);
  await box.wait('a', 600_000, signal);
  order.push('kept');
  const waiting = box.wait('b', 600_000, signal).then(() => order.push('woken'));
  box.raise([]);
  await waiting;
  await box.wait('a', 600_000, signal);
  await box.wait('a', 1, signal);
  await box.wait('a', 600_000, AbortSignal.abort());
  t.deepEqual(order, ['kept', 'woken']);
});
