import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import { countOlderJobs } from './backfill.ts';
import { type Janitor, startJanitor } from './janitor.ts';
import { lapsedJob, lapsedUpload } from './lapsed.ts';
import { createPostgresReservations } from './postgres-reservations.ts';
import type { Reservations } from './reservations.ts';

/** How long a reservation outlives its last renewal. */
const LEASE_MS = 120_000;

export interface Storage {
  reservations: Reservations;
  janitor: Janitor;
  close(): Promise<void>;
}

/** The byte accounting in the schema `storage`, brought up to date, with its janitor at work. */
export async function openStorage({
  url,
  store,
  commands,
  objects,
  log,
  leaseMs = LEASE_MS,
}: {
  url: string;
  store: EventStore;
  commands: CommandHandler;
  objects: ObjectStore;
  log: Logger;
  leaseMs?: number | undefined;
}): Promise<Storage> {
  await migrate(url, 'storage', new URL('./migrations/', import.meta.url), log);
  await countOlderJobs(url, store, log);
  const pool = openPool({ url, name: 'transcodeflow storage', max: 4, log });
  const lapsed = { job: lapsedJob(commands, objects), upload: lapsedUpload(objects) };
  const janitor = startJanitor({ pool, leaseMs, lapsed, log });
  return {
    reservations: createPostgresReservations(pool, leaseMs),
    janitor,
    async close() {
      await janitor.close();
      await pool.end();
    },
  };
}
