import type { Pool } from 'pg';
import type { Bus } from '../bus/bus.ts';
import { toDeadLetter } from '../contracts/dead-letter.ts';
import { transaction } from '../database/transaction.ts';
import { messageOf, type ParkedMessage, reasonOf } from './parked-message.ts';

const BATCH = 100;

/** Publishes what was parked to the dead-letter topics, oldest first, at least once. */
export function publishParked(pool: Pool, bus: Bus): Promise<void> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<ParkedMessage>(
      `select * from dead_letter.message where published_at is null
       order by id limit ${BATCH} for update skip locked`,
    );
    if (rows.length === 0) return;
    await bus.publish(rows.map((row) => toDeadLetter(messageOf(row), reasonOf(row), row.parked_at)));
    await client.query('update dead_letter.message set published_at = now() where id = any($1::bigint[])', [
      rows.map(({ id }) => id),
    ]);
  });
}
