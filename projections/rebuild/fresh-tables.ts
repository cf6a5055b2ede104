import { readFile } from 'node:fs/promises';
import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';
import type { EventEnvelope } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { inTransaction } from './in-transaction.ts';

/** Where a read model's new tables are built; nobody else looks there. */
export const freshSchema = (name: string): string => `read_model_${name}_next`;

/** Empty tables in their own schema; what a killed build left there is removed. */
export async function createFreshTables(client: PoolClient, { name, table }: Projection): Promise<void> {
  const sql = await readFile(table, 'utf8');
  await dropFreshTables(client, name);
  await inTransaction(client, async () => {
    await client.query(`create schema ${freshSchema(name)}`);
    await client.query(`set local search_path to ${freshSchema(name)}`);
    await client.query(sql);
  });
}

export async function dropFreshTables(client: PoolClient, name: string): Promise<void> {
  await client.query(`drop schema if exists ${freshSchema(name)} cascade`);
}

/** Applies a page in the caller's transaction. */
export async function applyFresh<E extends EventEnvelope>(
  client: PoolClient,
  projection: Projection<E>,
  events: readonly E[],
): Promise<Change[]> {
  // Not waiting for the disk: a crash discards these tables anyway, and the switch's commit waits for all of it.
  await client.query(`set local synchronous_commit to off`);
  await client.query(`set local search_path to ${freshSchema(projection.name)}`);
  return projection.apply(client, events);
}

export async function freshTableNames(client: PoolClient, name: string): Promise<string[]> {
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = $1::regnamespace and relkind = 'r' order by relname`,
    [freshSchema(name)],
  );
  return rows.map(({ relname }) => relname);
}
