import { readFile } from 'node:fs/promises';
import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import type { Projection } from './projection.ts';

/** Creates the schema `read_model`, the checkpoints, and the tables of each projection that has none yet. */
export async function createTables(
  pool: Pool,
  url: string,
  projections: readonly Projection[],
  log: Logger,
): Promise<void> {
  await migrate(url, 'read_model', new URL('./migrations/', import.meta.url), log);
  for (const { name, table } of projections) {
    const sql = await readFile(table, 'utf8');
    await transaction(pool, async (client) => {
      // The row lock lets one of several projectors that start together create the tables.
      const { rowCount } = await client.query(
        'insert into read_model.projection (name) values ($1) on conflict do nothing',
        [name],
      );
      if (rowCount === 0) return;
      await client.query('set local search_path to read_model');
      await client.query(sql);
      log.info({ projection: name }, 'created the tables of a read model');
    });
  }
}
