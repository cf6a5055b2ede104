import { findDatabase } from '@transcodeflow/shared/database/embedded/find-database.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { EmbeddedSystem } from '../../systems/embedded.ts';

/** Everything that a call can leave behind: events, held bytes, remembered requests, objects. */
export async function storedBy({ dataFolder, objects }: EmbeddedSystem): Promise<Record<string, unknown>> {
  const url = await findDatabase({ DATA_DIR: dataFolder });
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  try {
    const { rows } = await pool.query(`select
      (select count(*) from event_store.event) as events,
      (select count(*) from storage.holder) as holders,
      (select coalesce(sum(used_bytes + reserved_bytes), 0) from storage.account) as held_bytes,
      (select count(*) from idempotency.request) as requests`);
    const keys: string[] = [];
    for await (const { key } of objects.list('')) keys.push(key);
    return { ...rows[0], keys };
  } finally {
    await pool.end();
  }
}
