import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { openEventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';

/**
 * The event store that read models are built from: EventStoreDB where it is named, else the one in the read models'
 * database; undefined where that has none (before the command service's first start, or in another database).
 */
export async function openEventSource(
  pool: Pool,
  url: string,
  eventStoreDbUrl: string | undefined,
  log: Logger,
): Promise<EventStore | undefined> {
  if (eventStoreDbUrl !== undefined) return openEventStoreDb(eventStoreDbUrl, log);
  const { rows } = await pool.query<{ there: boolean }>(
    `select to_regclass('event_store.event') is not null as there`,
  );
  return rows[0]?.there ? openPostgresEventStore(url, log) : undefined;
}
