import { setTimeout as sleep } from 'node:timers/promises';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { DatabaseError, type PoolClient } from 'pg';
import type { Projection } from '../projector/projection.ts';
import { excludeProjectors, LIVE_SCHEMA } from '../projector/tables.ts';
import type { createCatchUp } from './catch-up.ts';
import type { EventSource } from './event-source.ts';
import { freshSchema } from './fresh-tables.ts';
import { inTransaction } from './in-transaction.ts';

export interface Switch {
  projection: Projection;
  version: string;
  tables: readonly string[];
  catchUp: ReturnType<typeof createCatchUp>;
  source: EventSource;
  log: Logger;
  signal?: AbortSignal;
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
/** Queries queue behind a switch that waits for a long one: rather give way and try again. */
const LOCK_TIMEOUT_MS = 1_000;
const PAUSE_MS = 500;

/**
 * Replaces the live tables in one transaction: the projectors wait, what came meanwhile is replayed, the new tables take
 * the old ones' names. What the projectors had applied by then was committed before it was published, hence lies
 * below the frontier that is asked for now, hence is in the new tables.
 * @returns for how many milliseconds the projectors waited
 */
export async function switchTables(client: PoolClient, change: Switch): Promise<number> {
  for (;;) {
    const startedAt = performance.now();
    const goBack = change.catchUp.mark();
    try {
      await inTransaction(client, () => attempt(client, change));
      return performance.now() - startedAt;
    } catch (error) {
      if (!isBusy(error)) throw error;
      goBack();
      change.log.info({ projection: change.projection.name }, 'the live tables are in use; trying again');
      await sleep(PAUSE_MS, undefined, { signal: change.signal });
    }
  }
}

async function attempt(client: PoolClient, change: Switch): Promise<void> {
  const { projection, version, tables, catchUp, source, signal } = change;
  const { name } = projection;
  await client.query(`set local lock_timeout to ${LOCK_TIMEOUT_MS}`);
  await excludeProjectors(client, name);
  await catchUp.upTo(await source.frontier(signal), (work) => work());
  if (projection.beforeSwitch) {
    await client.query(`set local search_path to ${freshSchema(name)}`);
    await projection.beforeSwitch(client);
  }
  signal?.throwIfAborted();
  const { rows } = await client.query<{ tables: string[] }>(
    'select tables from read_model.projection where name = $1',
    [name],
  );
  for (const table of new Set([...(rows[0]?.tables ?? []), ...tables]))
    await client.query(`drop table if exists ${LIVE_SCHEMA}."${table}"`);
  for (const table of tables)
    await client.query(`alter table ${freshSchema(name)}."${table}" set schema ${LIVE_SCHEMA}`);
  await client.query(`drop schema ${freshSchema(name)}`);
  await client.query(
    `insert into read_model.projection (name, version, tables) values ($1, $2, $3)
     on conflict (name) do update set version = excluded.version, tables = excluded.tables, rebuilt_at = now()`,
    [name, version, tables],
  );
  // The projectors will skip what is in the new tables already and tell nobody: commands wait for it.
  for (const notice of encodeNotices(name, catchUp.awaited()))
    await client.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
  // The pages were committed without waiting for the disk; this commit waits for them too.
  await client.query('set local synchronous_commit to on');
}

const isBusy = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.code === LOCK_NOT_AVAILABLE || error.code === DEADLOCK_DETECTED);
