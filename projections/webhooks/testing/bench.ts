import { randomUUID } from 'node:crypto';
import type { Bus, OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import type { AccountEvent, AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { lifecycleEvents } from '@transcodeflow/shared/contracts/webhook-events.ts';
import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import type { ExecutionContext } from 'ava';
import { type DispatcherOptions, startDispatcher } from '../dispatcher.ts';
import { followEvents } from '../follow.ts';
import { createWebhookTables } from '../tables.ts';
import { LOCAL, SECRET_KEY } from './local.ts';

export { SECRET_KEY };

interface DeliveryRow {
  delivery_id: string;
  event_id: string;
  endpoint_id: string | null;
  job_id: string;
  status: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  due_in_ms: number;
}

interface AttemptRow {
  number: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
  ended: boolean;
}

type Created = AccountEventOf<'WebhookEndpointCreated'>;

/** An endpoint of `account-1` that wants what is told by default. */
export const endpointCreated = (url: string, changes: Partial<Created['data']> = {}): Created => ({
  type: 'WebhookEndpointCreated',
  data: {
    id: randomUUID(),
    account_id: 'account-1',
    url,
    events: [...lifecycleEvents],
    description: '',
    by: 'test',
    ...changes,
  },
});

interface BenchOptions {
  /** Default: a new one. */
  database?: string;
  /** How many services start at the same time for the first time. */
  together?: number;
  /** Default: one of this process alone. */
  bus?: Bus;
}

/** The consumer over a real database, and dispatchers where a test wants them. */
export async function openWebhooks(
  t: ExecutionContext,
  { database, together = 1, bus = createInProcessBus() }: BenchOptions = {},
) {
  const url = database ?? (await testDatabase(t));
  const pool = openPool({ url, name: 'test', max: 6, log: silentLogger });
  await migrate(url, 'read_model', new URL('../../projector/migrations/', import.meta.url), silentLogger);
  const starts = Array.from({ length: together }, () => createWebhookTables(pool, url, silentLogger));
  await Promise.all(starts);
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  const dispatchers = new Set<ReturnType<typeof startDispatcher>>();
  const wake = () => {
    for (const dispatcher of dispatchers) dispatcher.wake();
  };
  const follow = () => followEvents({ bus, pool, deadLetters, onDeliveries: wake });
  let subscription = await follow();
  const fetch = openSafeFetch({ allow: LOCAL });
  const publicOnly = openSafeFetch();
  t.teardown(async () => {
    await subscription.close();
    for (const dispatcher of dispatchers) await dispatcher.close();
    await fetch.close();
    await publicOnly.close();
    await deadLetters.close();
    await bus.close();
    await pool.end();
  });

  let position = 1_000n;
  const revisions = new Map<string, number>();
  function message(topic: string, key: string, subject: string, { type, data }: JobEvent | AccountEvent) {
    const revision = (revisions.get(subject) ?? 0) + 1;
    revisions.set(subject, revision);
    position += 1n;
    const time = new Date().toISOString();
    return toMessage(topic, key, {
      id: randomUUID(),
      type,
      source: '/test',
      subject,
      time,
      revision,
      position,
      data,
    });
  }

  const rows = async <R extends object>(sql: string, values: unknown[] = []): Promise<R[]> =>
    (await pool.query<R>(sql, values)).rows;

  return {
    url,
    pool,
    publicOnly,
    rows,
    lag: () => subscription.lag(),
    /** Between its end and its next beginning the consumer's checkpoint may be moved. */
    async restart(meanwhile: () => Promise<unknown>) {
      await subscription.close();
      await meanwhile();
      subscription = await follow();
    },
    createTables: () => createWebhookTables(pool, url, silentLogger),
    publish: (messages: readonly OutgoingMessage[]) => bus.publish(messages),
    ofJob: (jobId: string, event: JobEvent) => message(topics.jobs, jobId, jobId, event),
    ofAccount: (event: AccountEvent, subject = event.data.account_id) =>
      message(topics.accounts, event.data.account_id, subject, event),
    dispatcher(options: Partial<DispatcherOptions> = {}) {
      const dispatcher = startDispatcher({
        pool,
        fetch,
        secretKey: SECRET_KEY,
        log: silentLogger,
        ...options,
      });
      dispatchers.add(dispatcher);
      return {
        async close() {
          dispatchers.delete(dispatcher);
          await dispatcher.close();
        },
      };
    },
    deliveries: () =>
      rows<DeliveryRow>(
        `select *, extract(epoch from due_at - now())::float8 * 1000 as due_in_ms
         from webhook.delivery order by seq`,
      ),
    attempts: (deliveryId: string) =>
      rows<AttemptRow>(
        `select number, status_code, error, response, finished_at is not null as ended
         from webhook.attempt where delivery_id = $1 order by number`,
        [deliveryId],
      ),
    /** The time of every retry has come. */
    async timePasses() {
      await pool.query(`update webhook.delivery set due_at = now() where status = 'pending'`);
      wake();
    },
    /** Waits until as many deliveries have the status. */
    settled: (status: string, count: number) =>
      until(`${count} deliveries are ${status}`, async () => {
        const found = await rows('select from webhook.delivery where status = $1', [status]);
        return found.length === count;
      }),
  };
}

export type Webhooks = Awaited<ReturnType<typeof openWebhooks>>;
