import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { type EventSource, noEvents } from '../rebuild/event-source.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import type { Projection } from './projection.ts';
import { areCurrent, versionOf } from './tables.ts';

/**
 * Creates the schema `read_model`, the checkpoints, and the tables of each projection that has none or whose version
 * changed. Tables are filled from the event store: no bus has to keep what happened before they were there.
 */
export async function createTables(
  pool: Pool,
  url: string,
  projections: readonly Projection[],
  log: Logger,
): Promise<void> {
  await migrate(url, 'read_model', new URL('./migrations/', import.meta.url), log);
  const outdated: Projection[] = [];
  for (const projection of projections)
    if (!(await areCurrent(pool, projection.name, await versionOf(projection)))) outdated.push(projection);
  if (outdated.length === 0) return;
  const store = await openStoreIfThere(pool, url, log);
  const source: EventSource = store ?? noEvents;
  try {
    for (const projection of outdated) await rebuild(projection, { pool, source, log, onlyIfOutdated: true });
  } finally {
    await store?.close();
  }
}

/** Before the command service's first start there is none: nothing has happened yet. */
async function openStoreIfThere(pool: Pool, url: string, log: Logger): Promise<EventStore | undefined> {
  const { rows } = await pool.query<{ there: boolean }>(
    `select to_regclass('event_store.event') is not null as there`,
  );
  return rows[0]?.there ? openPostgresEventStore(url, log) : undefined;
}
