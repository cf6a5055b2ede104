import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { type EventSource, noEvents } from '../rebuild/event-source.ts';
import { openEventSource } from '../rebuild/open-event-source.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import type { Projection } from './projection.ts';
import { areCurrent, versionOf } from './tables.ts';

/**
 * Creates the schema `read_model`, the checkpoints, and the tables of each projection that has none or whose version
 * changed. Tables are filled from the event store: no bus has to keep what happened before they were there. Without one
 * at hand they begin empty, and the bus is read from its beginning.
 */
export async function createTables(
  pool: Pool,
  url: string,
  projections: readonly Projection[],
  log: Logger,
  eventStoreDbUrl?: string,
): Promise<void> {
  await migrate(url, 'read_model', new URL('./migrations/', import.meta.url), log);
  const outdated: Projection[] = [];
  for (const projection of projections)
    if (!(await areCurrent(pool, projection.name, await versionOf(projection)))) outdated.push(projection);
  if (outdated.length === 0) return;
  const store = await openEventSource(pool, url, eventStoreDbUrl, log);
  const source: EventSource = store ?? noEvents;
  try {
    for (const projection of outdated) {
      if (!store)
        await pool.query('delete from read_model.checkpoint where projection = $1', [projection.name]);
      await rebuild(projection, { pool, source, log, onlyIfOutdated: true });
    }
  } finally {
    await store?.close();
  }
}
