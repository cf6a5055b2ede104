import type { Pool, PoolClient } from 'pg';
import type { Bus, IncomingMessage } from '../bus/bus.ts';
import { transaction } from '../database/transaction.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isTransient } from './is-transient.ts';
import { messageOf, type ParkedMessage, storable } from './parked-message.ts';
import { lockKey } from './parking.ts';

/**
 * How a consumer gets a parked message back: by a function, whose own statements may run on `client` to be one with
 * the message's removal; or by publishing it again, where nobody else follows its topic.
 */
export type Retry = ((message: IncomingMessage, client: PoolClient) => Promise<void>) | 'publish';

export interface HandBackOptions {
  pool: Pool;
  bus: Bus;
  log: Logger;
  signal: AbortSignal;
}

/** What was asked for: all that is parked of a key, or one message that parks alone. */
export interface Request {
  consumer: string;
  key: string | null;
  id: string;
}

export async function requested(pool: Pool, consumers: readonly string[]): Promise<Request[]> {
  const { rows } = await pool.query<Request>(
    `select consumer, case when blocks then key end as key, min(id) as id
     from dead_letter.message where retry_requested_at is not null and consumer = any($1)
     group by 1, 2, case when blocks then 0 else id end order by 3`,
    [consumers],
  );
  return rows;
}

/** Hands messages back in order until none is left, or one fails: then the rest waits behind it again. */
export async function handBack(request: Request, retry: Retry, options: HandBackOptions): Promise<void> {
  const { pool, log, signal } = options;
  while (!signal.aborted) {
    const id = await headOf(pool, request);
    if (id === undefined) return;
    try {
      const isDone = await (retry === 'publish' ? publishAgain(id, options) : handleAgain(id, retry, pool));
      if (!isDone) return;
      log.info({ consumer: request.consumer, job_id: request.key, id }, 'a parked message was handled');
    } catch (error) {
      if (signal.aborted || isTransient(error)) throw error;
      log.warn(
        { err: error, consumer: request.consumer, job_id: request.key, id },
        'a parked message still cannot be handled',
      );
      return failed(pool, request, id, error);
    }
    if (request.key === null) return;
  }
}

async function headOf(pool: Pool, { consumer, key, id }: Request): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string | null }>(
    key === null
      ? 'select id from dead_letter.message where id = $1'
      : 'select min(id) as id from dead_letter.message where consumer = $1 and blocks and key = $2',
    key === null ? [id] : [consumer, key],
  );
  return rows[0]?.id ?? undefined;
}

/** @returns false where somebody else is at it or was */
function handleAgain(id: string, retry: Exclude<Retry, 'publish'>, pool: Pool): Promise<boolean> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<ParkedMessage>(
      'select * from dead_letter.message where id = $1 for update skip locked',
      [id],
    );
    const [row] = rows;
    if (!row) return false;
    await retry(messageOf(row), client);
    if (row.key !== null) await lockKey(client, row.consumer, row.key);
    await client.query('delete from dead_letter.message where id = $1', [id]);
    return true;
  });
}

/**
 * Without a lock on the row: the consumer may park the message again before `publish` ends, and it is then another
 * parking, which stays.
 */
async function publishAgain(id: string, { pool, bus, signal }: HandBackOptions): Promise<boolean> {
  const { rows } = await pool.query<ParkedMessage>('select * from dead_letter.message where id = $1', [id]);
  const [row] = rows;
  if (!row) return false;
  const { topic, key, headers, value } = messageOf(row);
  const published = bus.publish([{ topic, ...(key === undefined ? {} : { key }), headers, value }]);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  // In one process `publish` lasts until a slot is free: closing does not wait for that.
  await Promise.race([published, aborted]).finally(() => signal.removeEventListener('abort', abort));
  const { rowCount } = await pool.query('delete from dead_letter.message where id = $1 and parkings = $2', [
    id,
    row.parkings,
  ]);
  return rowCount === 1;
}

async function failed(pool: Pool, { consumer, key }: Request, id: string, error: unknown): Promise<void> {
  await pool.query(
    `update dead_letter.message set retry_requested_at = null,
       attempts = attempts + case when id = $1 then 1 else 0 end,
       error = case when id = $1 then $2 else error end,
       stack = case when id = $1 then $3 else stack end
     where id = $1 or (consumer = $4 and blocks and key = $5)`,
    [id, storable(String(error)), storable(error instanceof Error ? (error.stack ?? '') : ''), consumer, key],
  );
}
