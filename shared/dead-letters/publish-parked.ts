import type { Pool } from 'pg';
import type { Bus } from '../bus/bus.ts';
import { toDeadLetter } from '../contracts/dead-letter.ts';
import { transaction } from '../database/transaction.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isTransient } from './is-transient.ts';
import { messageOf, type ParkedMessage, reasonOf } from './parked-message.ts';

const BATCH = 100;

/** Publishes what was parked to the dead-letter topics, oldest first, at least once. */
export function publishParked(pool: Pool, bus: Bus, log: Logger): Promise<void> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<ParkedMessage>(
      `select * from dead_letter.message where published_at is null
       order by id limit ${BATCH} for update skip locked`,
    );
    if (rows.length === 0) return;
    const letters = rows.map((row) => toDeadLetter(messageOf(row), reasonOf(row), row.parked_at));
    try {
      await bus.publish(letters);
    } catch (error) {
      if (isTransient(error)) throw error;
      // One of them is refused, such as for its size with what was added to it: the row has it all the same.
      for (const letter of letters)
        await bus.publish([letter]).catch((refusal) => {
          if (isTransient(refusal)) throw refusal;
          log.warn({ err: refusal, topic: letter.topic, job_id: letter.key }, 'no copy of a parked message');
        });
    }
    await client.query('update dead_letter.message set published_at = now() where id = any($1::bigint[])', [
      rows.map(({ id }) => id),
    ]);
  });
}
