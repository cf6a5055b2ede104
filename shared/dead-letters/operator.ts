import type { Pool } from 'pg';
import { transaction } from '../database/transaction.ts';
import { isProjection } from './consumers.ts';
import type { ParkedMessage } from './parked-message.ts';
import { lockKey } from './parking.ts';

/** An operator asked for what cannot be done; the message says why, and what can. */
export class OperatorError extends Error {
  override name = 'OperatorError';
}

/** Which parked messages are meant: one by its number, or a job's, or all. */
export type Selection = { id: string } | { job: string } | 'all';

export interface Listed extends Omit<ParkedMessage, 'original' | 'value' | 'stack'> {
  job_id: string | null;
}

export interface RetryOutcome {
  handled: number;
  /** Asked for, but no consumer has taken it up yet: the request stays. */
  waiting: string[];
  failed: { id: string; error: string | null }[];
}

/** A job's id is its messages' key; tasks have none, but a subject. */
const JOB = `coalesce(key, subject)`;
const MOST_LISTED = 1_000;

/** What operators do with parked messages; the running consumers answer within a second or two. */
export function createOperator(pool: Pool) {
  async function select(selection: Selection): Promise<ParkedMessage[]> {
    const [condition, values] =
      selection === 'all'
        ? ['true', []]
        : 'id' in selection
          ? ['id = $1', [selection.id]]
          : [`${JOB} = $1`, [selection.job]];
    const { rows } = await pool.query<ParkedMessage>(
      `select * from dead_letter.message where ${condition} order by id`,
      values,
    );
    return rows;
  }

  return {
    /** Oldest first; a thousand at most. */
    async list(filter: { job?: string; consumer?: string } = {}): Promise<Listed[]> {
      const { rows } = await pool.query<Listed>(
        `select id, consumer, topic, partition, "offset", key, blocks, attempts, error, parked_at, parkings,
           published_timestamp, published_at, retry_requested_at, subject, type, ${JOB} as job_id
         from dead_letter.message
         where ($1::text is null or ${JOB} = $1) and ($2::text is null or consumer = $2)
         order by id limit ${MOST_LISTED}`,
        [filter.job ?? null, filter.consumer ?? null],
      );
      return rows;
    },

    /** @throws {OperatorError} */
    async show(id: string): Promise<ParkedMessage> {
      const [row] = await select({ id });
      if (!row) throw notParked(id);
      return row;
    },

    /**
     * Asks for messages to be handed back. Of a key whose messages wait behind each other all are, in order.
     * @returns the messages that are meant
     * @throws {OperatorError} when there are none
     */
    async requestRetry(selection: Selection): Promise<ParkedMessage[]> {
      const selected = await select(selection);
      if (selected.length === 0 && selection !== 'all')
        throw 'id' in selection
          ? notParked(selection.id)
          : new OperatorError(`Nothing of job ${selection.job} is parked`);
      const { rows } = await pool.query<ParkedMessage>(
        `update dead_letter.message set retry_requested_at = now()
         where id = any($1::bigint[])
           or (blocks and (consumer, key) in (
             select consumer, key from dead_letter.message where id = any($1::bigint[]) and blocks))
         returning *`,
        [selected.map(({ id }) => id)],
      );
      return rows.toSorted((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
    },

    /** How far a request has come. */
    async outcome(requested: readonly ParkedMessage[]): Promise<RetryOutcome> {
      const { rows } = await pool.query<ParkedMessage>(
        'select * from dead_letter.message where id = any($1::bigint[]) order by id',
        [requested.map(({ id }) => id)],
      );
      const waiting = rows.filter((row) => row.retry_requested_at !== null);
      return {
        handled: requested.length - rows.length,
        waiting: waiting.map(({ id }) => id),
        failed: rows.filter((row) => row.retry_requested_at === null).map(({ id, error }) => ({ id, error })),
      };
    },

    /**
     * Removes a parked message unhandled.
     * @returns how many of its key are parked still
     * @throws {OperatorError} for a read model's, without `force`: it would have a gap
     */
    async drop(id: string, { force = false }: { force?: boolean } = {}): Promise<number> {
      const [row] = await select({ id });
      if (!row) throw notParked(id);
      if (isProjection(row.consumer) && !force)
        throw new OperatorError(
          `Message ${id} is an event of job ${row.key} for ${row.consumer}: without it the read model has a gap, and later ` +
            'events of the job park too. Retry it when its cause is mended. With --force it is dropped; rebuild the read ' +
            'model then (pnpm projections rebuild) and retry what is parked of the job.',
        );
      return transaction(pool, async (client) => {
        if (row.key !== null) await lockKey(client, row.consumer, row.key);
        await client.query('delete from dead_letter.message where id = $1', [id]);
        const { rows } = await client.query<{ left: string }>(
          'select count(*) as left from dead_letter.message where consumer = $1 and blocks and key = $2',
          [row.consumer, row.key],
        );
        return Number(rows[0]?.left ?? 0);
      });
    },
  };
}

export type Operator = ReturnType<typeof createOperator>;

const notParked = (id: string) => new OperatorError(`No message ${id} is parked; see \`dead-letters list\``);
