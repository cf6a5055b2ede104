import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

const LONGEST_WAIT_MS = 30_000;

/**
 * The highest position handed out so far, once whoever may hold one up to it has committed or given up.
 *
 * Positions come from a sequence, so an event may become visible after others with a higher one: a reader that only
 * remembers how far it got loses it. Every append locks the table (ROW EXCLUSIVE) before it takes a position and
 * until its end is visible. Reading the sequence first and the locks second therefore finds all those in doubt; they
 * are waited for, and no append is held up (`CREATE INDEX CONCURRENTLY` waits the same way).
 * @throws {Error} naming the connections, when a transaction stays open for 30 s
 */
export async function settledFrontier(pool: Pool, signal?: AbortSignal): Promise<bigint> {
  const { rows } = await pool.query<{ position: string }>(
    `select coalesce(pg_sequence_last_value(pg_get_serial_sequence('event_store.event', 'position')), 0) as position`,
  );
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let doubtful = await writers(pool);
  for (let pause = 1; doubtful.size > 0; pause = Math.min(2 * pause, 100)) {
    signal?.throwIfAborted();
    if (Date.now() > deadline)
      throw new Error(
        `An append to the event store has been open for ${LONGEST_WAIT_MS / 1_000} s: end the connections with the process ids ${[...doubtful.values()].join(', ')}`,
      );
    await sleep(pause, undefined, { signal });
    const open = await writers(pool);
    doubtful = new Map([...doubtful].filter(([transaction]) => open.has(transaction)));
  }
  return BigInt(rows[0]?.position ?? 0);
}

/** Virtual transaction → process id of every transaction that has written, or is about to write, an event. */
async function writers(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ virtualtransaction: string; pid: number }>(
    `select virtualtransaction, pid from pg_locks
     where locktype = 'relation' and relation = 'event_store.event'::regclass and mode = 'RowExclusiveLock' and granted
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return new Map(rows.map((row) => [row.virtualtransaction, row.pid]));
}
