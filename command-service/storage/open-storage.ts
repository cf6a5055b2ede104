import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { createPostgresReservations } from './postgres-reservations.ts';
import type { Reservations } from './reservations.ts';

/** How long a reservation outlives its last renewal. */
export const LEASE_MS = 120_000;

export interface Storage {
  reservations: Reservations;
  pool: Pool;
  close(): Promise<void>;
}

/** The byte accounting in the schema `storage`, brought up to date. */
export async function openStorage(url: string, log: Logger, leaseMs: number = LEASE_MS): Promise<Storage> {
  await migrate(url, 'storage', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow storage', max: 4, log });
  return { reservations: createPostgresReservations(pool, leaseMs), pool, close: () => pool.end() };
}
