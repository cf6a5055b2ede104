import { randomUUID } from 'node:crypto';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import type { Holder } from './reservations.ts';

const MOST_AT_ONCE = 20;

/**
 * Finds out what became of a holder whose lease lapsed.
 * @returns the bytes that it keeps; nothing where it keeps none, and then its objects are removed
 */
export type Lapsed = (id: string) => Promise<number | undefined>;

export interface Janitor {
  /** Sees to everything that has lapsed by now. @returns how many holders that were */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Sees to reservations whose lease lapsed: whoever held them died, or its client went silent. Each is taken over like
 * any reservation, with a lease of the janitor's own: several janitors do not meet, one that dies is replaced, and
 * the holder that wakes up late is fenced.
 */
export function startJanitor({
  pool,
  leaseMs,
  lapsed,
  log,
}: {
  pool: Pool;
  leaseMs: number;
  lapsed: Readonly<Record<Holder['kind'], Lapsed>>;
  log: Logger;
}): Janitor {
  let running: Promise<number> = Promise.resolve(0);
  const stopped = new AbortController();

  async function sweep(): Promise<number> {
    let seen = 0;
    for (;;) {
      const owner = randomUUID();
      const { rows } = await pool.query<Pick<Holder, 'id' | 'kind'>>(
        `update storage.holder set owner = $1, swept = true, lease_until = now() + $2 * interval '1 millisecond'
         where id = any (array(
           select id from storage.holder where lease_until < now()
           order by lease_until limit ${MOST_AT_ONCE} for update skip locked
         ))
         returning id, kind`,
        [owner, leaseMs],
      );
      for (const holder of rows) {
        if (stopped.signal.aborted) return seen;
        await resolve(holder, owner);
        seen += 1;
      }
      if (rows.length < MOST_AT_ONCE) return seen;
    }
  }

  /** A failure leaves the row to the next sweep after the lease. */
  async function resolve({ id, kind }: Pick<Holder, 'id' | 'kind'>, owner: string): Promise<void> {
    try {
      const kept = await lapsed[kind](id);
      if (kept === undefined)
        await pool.query('delete from storage.holder where id = $1 and owner = $2', [id, owner]);
      else
        await pool.query(
          // The quota was checked when the bytes were reserved; what is stored is counted in any case.
          `update storage.holder set bytes = $3, quota = null, owner = null, swept = false, lease_until = null
           where id = $1 and owner = $2`,
          [id, owner, kept],
        );
      log.info({ holder: id, kind, kept_bytes: kept ?? 0 }, 'saw to a lapsed reservation');
    } catch (error) {
      log.warn({ err: error, holder: id, kind }, 'could not see to a lapsed reservation; tried again later');
    }
  }

  const pause = leaseMs / 4;
  let expected = performance.now() + pause;
  const tick = () => {
    const late = performance.now() - expected;
    expected = performance.now() + pause;
    // This process was starved or suspended, and its uploads are alive: they come first, with their renewals.
    if (late > pause) return;
    running = running.then(sweep).catch((error: unknown) => {
      log.warn({ err: error }, 'could not look for lapsed reservations');
      return 0;
    });
  };
  const timer = setInterval(tick, pause);
  return {
    sweep,
    async close() {
      stopped.abort();
      clearInterval(timer);
      await running;
    },
  };
}
