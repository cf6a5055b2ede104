import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ClientBase, Pool, PoolClient } from 'pg';
import type { Projection } from './projection.ts';

/** The schema that queries are answered from. */
export const LIVE_SCHEMA = 'read_model';

/** Tables of another version hold other rows of the same events: they are rebuilt before anything is written to them. */
export async function versionOf({ version, table }: Projection): Promise<string> {
  const definition = createHash('sha256')
    .update(await readFile(table))
    .digest('hex');
  return `${version}-${definition.slice(0, 12)}`;
}

/** Whether the live tables are there and of this version. */
export async function areCurrent(
  queries: Pool | ClientBase,
  name: string,
  version: string,
): Promise<boolean> {
  const { rows } = await queries.query<{ current: boolean }>(
    `select version = $2 and tables <> '{}' and
       (select bool_and(to_regclass(format('%I.%I', $3::text, "table")) is not null) from unnest(tables) as "table")
       as current
     from read_model.projection where name = $1`,
    [name, version, LIVE_SCHEMA],
  );
  return rows[0]?.current ?? false;
}

/** For `hashtext`: whoever writes live tables holds it shared, whoever replaces them holds it alone. */
const tablesLock = (name: string) => `transcodeflow read model ${name}`;

/** Begins to write a read model's live tables: until the transaction's end they cannot be replaced. */
export async function enterLiveTables(client: PoolClient, name: string): Promise<void> {
  await client.query({
    name: 'enter live tables',
    text: `select pg_advisory_xact_lock_shared(hashtext($1)), set_config('search_path', $2, true)`,
    values: [tablesLock(name), LIVE_SCHEMA],
  });
}

/** Waits for the batches under way; until the transaction's end no other begins. */
export async function excludeProjectors(client: ClientBase, name: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [tablesLock(name)]);
}
