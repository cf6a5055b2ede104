import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { jobEventFromStored } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { StoredEvent } from '@transcodeflow/shared/event-store/event-store.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { createTables } from '../projector/create-tables.ts';
import type { EventEnvelope } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { startProjector } from '../projector/projector.ts';
import { projections } from '../start.ts';
import { asMessages, events } from './histories.ts';

export const jobId = (n: number): string => `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`;

/** Everything that a job with a failure on its way goes through: 14 events. */
export const wholeLife = (
  jobId: string,
  request: Parameters<typeof events.requested>[1] = {},
): readonly JobEvent[] => [
  events.requested(jobId, request),
  events.scheduled('inspect'),
  events.started('inspect'),
  events.succeeded('inspect'),
  events.inspected,
  events.planned,
  events.scheduled('encode'),
  events.started('encode'),
  events.failed('encode', '2026-01-02T04:00:00.000Z'),
  events.scheduled('encode', 2),
  events.started('encode', 2),
  events.succeeded('encode', 2),
  events.completed,
  events.deleted,
];

/** A job's life, of a length that depends on its number. */
export const life = (n: number): readonly JobEvent[] =>
  wholeLife(jobId(n), { account_id: `account-${n % 3}`, filename: `clip "${n}".mp4` }).slice(0, 1 + (n % 14));

/** An event store with a bus and the read models' tables, over a real PostgreSQL. */
export async function openStored(t: ExecutionContext) {
  const url = await testDatabase(t);
  const store = await openPostgresEventStore(url, silentLogger);
  const pool = openPool({ url, name: 'test', max: 12, log: silentLogger });
  const bus = createInProcessBus();
  await createTables(pool, url, projections, silentLogger);
  t.teardown(async () => {
    await bus.close();
    await store.close();
    await pool.end();
  });
  const append = (n: number, list: readonly JobEvent[] = life(n), expected = 0) =>
    store.append(jobStream(jobId(n)), expected, list, { correlation_id: `request-${n}` });
  return {
    url,
    store,
    pool,
    bus,
    append,
    /** As the relay does it. */
    publish: (stored: readonly StoredEvent[]) => bus.publish(asMessages(stored.map(jobEventFromStored))),
    project: <E extends EventEnvelope>(projection: Projection<E>) =>
      startProjector(projection, { bus, pool, log: silentLogger }),
    options: { pool, source: store, log: silentLogger },
    rows: async (sql: string): Promise<Record<string, unknown>[]> => (await pool.query(sql)).rows,
  };
}
