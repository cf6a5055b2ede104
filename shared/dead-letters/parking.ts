import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { IncomingMessage } from '../bus/bus.ts';
import type { ParkingReason } from '../contracts/dead-letter.ts';
import { orderingKey, storable } from './parked-message.ts';

type Database = Pick<Pool | PoolClient, 'query'>;

/** Which of a consumer's keys have something parked. */
export async function parkedKeys(
  db: Database,
  consumer: string,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await db.query<{ key: string }>({
    name: 'parked keys',
    text: 'select distinct key from dead_letter.message where consumer = $1 and blocks and key = any($2)',
    values: [consumer, keys],
  });
  return new Set(rows.map(({ key }) => key));
}

/** Whoever parks behind a key and whoever removes its last message exclude each other, to the end of the transaction. */
export async function lockKey(client: PoolClient, consumer: string, key: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 20))', [`${consumer} ${key}`]);
}

/**
 * Parks a message behind earlier ones of its key, in the caller's transaction.
 * @returns false where nothing of the key is parked (any more): it is to be handled
 */
export async function parkBehind(
  client: PoolClient,
  consumer: string,
  message: IncomingMessage,
): Promise<boolean> {
  const key = orderingKey(message);
  if (key === undefined) return false;
  await lockKey(client, consumer, key);
  // A statement of its own, so that it sees what was committed before the lock was had.
  const parked = await parkedKeys(client, consumer, [key]);
  if (parked.size === 0) return false;
  await insert(client, message, { consumer, attempts: 0, error: '', stack: '' }, true, 'nothing');
  return true;
}

export interface ParkOptions {
  /** Later messages of the key wait behind it; not without a key. */
  blocks: boolean;
  /** It comes from the dead-letter topic. */
  isPublished?: boolean;
}

/** Parks a message that could not be handled; one that is parked already gets the newer reason. */
export async function park(
  db: Database,
  message: IncomingMessage,
  reason: ParkingReason,
  { blocks, isPublished = false }: ParkOptions,
): Promise<void> {
  const hasKey = orderingKey(message) !== undefined;
  await insert(db, message, reason, blocks && hasKey, 'update', isPublished);
}

async function insert(
  db: Database,
  message: IncomingMessage,
  reason: ParkingReason,
  blocks: boolean,
  onConflict: 'nothing' | 'update',
  isPublished = false,
): Promise<void> {
  const { topic, partition, offset, key, headers, value, timestamp } = message;
  const again =
    onConflict === 'nothing'
      ? 'nothing'
      : `update set attempts = excluded.attempts, error = excluded.error, stack = excluded.stack,
           parked_at = now(), parkings = message.parkings + 1, retry_requested_at = null`;
  const original = JSON.stringify({ key, headers });
  await db.query(
    `insert into dead_letter.message (consumer, topic, partition, "offset", key, blocks, original, value,
       published_timestamp, fingerprint, attempts, error, stack, published_at, subject, type)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, case when $14::boolean then now() end, $15, $16)
     on conflict (consumer, topic, fingerprint) do ${again}`,
    [
      reason.consumer,
      topic,
      partition,
      offset.toString(),
      key === undefined ? null : storable(key),
      blocks,
      original,
      value,
      new Date(timestamp),
      fingerprint(original, value),
      reason.attempts,
      reason.attempts === 0 ? null : storable(reason.error),
      reason.attempts === 0 ? null : storable(reason.stack),
      isPublished,
      storable(headers.ce_subject ?? '') || null,
      storable(headers.ce_type ?? '') || null,
    ],
  );
}

const fingerprint = (original: string, value: Buffer): Buffer =>
  createHash('sha256').update(original).update('\0').update(value).digest();
