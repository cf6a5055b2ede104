import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { openEventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { eventStoreDbSource } from './eventstoredb-source.ts';
import { postgresSource } from './postgres-source.ts';
import type { RelaySource } from './relay-source.ts';

/** The event store, and the source from which its events are published: EventStoreDB if it is named, else Postgres. */
export async function openEventStore(
  databaseUrl: string,
  eventStoreDbUrl: string | undefined,
  log: Logger,
): Promise<{ store: EventStore; source: RelaySource }> {
  if (eventStoreDbUrl === undefined)
    return { store: await openPostgresEventStore(databaseUrl, log), source: postgresSource(databaseUrl) };
  const store = await openEventStoreDb(eventStoreDbUrl, log);
  return { store, source: eventStoreDbSource({ store, url: databaseUrl }) };
}
