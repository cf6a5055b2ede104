import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool, PoolClient } from 'pg';
import type { EventEnvelope } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { LIVE_SCHEMA } from '../projector/tables.ts';
import { building } from './building.ts';
import { createCatchUp, type Progress } from './catch-up.ts';
import { type Comparison, compareTables } from './compare-tables.ts';
import type { EventSource } from './event-source.ts';
import {
  applyFresh,
  createFreshTables,
  dropFreshTables,
  freshSchema,
  freshTableNames,
} from './fresh-tables.ts';
import { inTransaction } from './in-transaction.ts';

export interface Verified extends Comparison {
  events: number;
}

/** The live tables may lag behind the event store for this long before that counts as a difference. */
const LONGEST_LAG_MS = 30_000;

interface Behind {
  id: string;
  live: number;
  fresh: number;
}

/**
 * Builds a read model anew beside the live one and compares the two at the same point, row by row. The live tables are
 * read in one snapshot, and what they are ahead by then is added to the new ones; nobody waits for that.
 */
export async function verify<E extends EventEnvelope>(
  projection: Projection<E>,
  options: {
    pool: Pool;
    source: EventSource;
    log: Logger;
    signal?: AbortSignal;
    onProgress?: (progress: Progress) => void;
    longestLagMs?: number;
  },
): Promise<Verified> {
  const { pool, source, signal, longestLagMs = LONGEST_LAG_MS } = options;
  const { name } = projection;
  return building(pool, name, options, async (client) => {
    await createFreshTables(client, projection);
    const catchUp = createCatchUp(client, projection, source, options);
    await catchUp.upTo(await source.frontier(signal));
    const deadline = Date.now() + longestLagMs;
    while ((await differing(client, projection, 'live < fresh', 1)).length > 0) {
      if (Date.now() > deadline) break;
      await sleep(100, undefined, { signal });
    }
    const live = await pool.connect();
    try {
      return await inTransaction(live, async () => {
        await live.query('set transaction isolation level repeatable read, read only');
        for (const { id, live: reached, fresh } of await differing(live, projection, 'live > fresh')) {
          const missing = (await source.read(projection.stream(id), fresh + 1)).filter(
            ({ revision }) => revision <= reached,
          );
          await inTransaction(client, () =>
            applyFresh(client, projection, missing.map(projection.family.fromStored)),
          );
        }
        const tables = await freshTableNames(client, name);
        const comparison = await compareTables(
          tables,
          [live, LIVE_SCHEMA],
          [client, freshSchema(name)],
          projection.bookkeeping,
        );
        return { ...comparison, events: catchUp.events };
      });
    } finally {
      live.release();
      await dropFreshTables(client, name);
    }
  });
}

/** What one side has more of; 0 stands for a job or key that is not there. */
async function differing(
  client: PoolClient,
  { name, reached }: Projection,
  condition: 'live < fresh' | 'live > fresh',
  limit?: number,
): Promise<Behind[]> {
  const { rows } = await client.query<Behind>(
    `select * from (
       select id, coalesce(live.revision, 0) as live, coalesce(fresh.revision, 0) as fresh
       from (${reached(LIVE_SCHEMA)}) live full join (${reached(freshSchema(name))}) fresh using (id)
     ) as reached
     where ${condition} ${limit ? `limit ${limit}` : ''}`,
  );
  return rows;
}
