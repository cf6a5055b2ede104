import { randomUUID } from 'node:crypto';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { DatabaseError, type Pool } from 'pg';
import { asQuotaRefusal } from './quota-refusal.ts';
import type { Holder, Reservation, Reservations } from './reservations.ts';

const UNIQUE_VIOLATION = '23505';
const until = (parameter: string) => `now() + ${parameter} * interval '1 millisecond'`;

/**
 * Reservations in the schema `storage`. Each call is one statement, whose trigger keeps the account's sums and checks
 * the quota: no read is ever followed by a write that believes in it.
 */
export function createPostgresReservations(pool: Pool, defaultLeaseMs: number): Reservations {
  /** @returns whether a row was changed */
  const changes = async (statement: string, values: unknown[]): Promise<boolean> => {
    try {
      return ((await pool.query(statement, values)).rowCount ?? 0) > 0;
    } catch (error) {
      throw asQuotaRefusal(error);
    }
  };

  const reservation = (id: string, owner: string, leaseMs: number): Reservation => {
    const owned = async (statement: string, ...values: unknown[]) => {
      if (!(await changes(statement, [id, owner, ...values]))) throw lost();
    };
    return {
      lease_ms: leaseMs,
      grow: (bytes) =>
        owned(
          `update storage.holder set bytes = greatest(bytes, $3), lease_until = ${until('$4')}
           where id = $1 and owner = $2`,
          bytes,
          leaseMs,
        ),
      renew: () =>
        owned(`update storage.holder set lease_until = ${until('$3')} where id = $1 and owner = $2`, leaseMs),
      settle: (bytes) =>
        owned(
          `update storage.holder
           set bytes = case when lease_until is null then bytes else $3 end, lease_until = null, owner = null
           where id = $1 and (owner = $2 or lease_until is null)`,
          bytes,
        ),
      release: async () => {
        await changes('delete from storage.holder where id = $1 and owner = $2', [id, owner]);
      },
    };
  };

  return {
    async reserve({ id, kind, account_id, quota, lease_ms: leaseMs = defaultLeaseMs }: Holder, bytes) {
      const owner = randomUUID();
      const isReserved = await changes(
        `insert into storage.holder (id, kind, account_id, bytes, quota, owner, lease_until)
         values ($1, $2, $3, $4, $5, $6, ${until('$7')})
         on conflict (id) do update
         set bytes = excluded.bytes, quota = excluded.quota, owner = excluded.owner, lease_until = excluded.lease_until
         where holder.lease_until is not null and not holder.swept
           and holder.kind = excluded.kind and holder.account_id = excluded.account_id`,
        [id, kind, account_id, bytes, quota, owner, leaseMs],
      );
      if (!isReserved) throw busy();
      return reservation(id, owner, leaseMs);
    },
    async release(id) {
      await changes('delete from storage.holder where id = $1', [id]);
    },
    correct: (id, held) =>
      transaction(pool, async (client) => {
        const { rowCount } = await client.query(
          'select from storage.holder where id = $1 and lease_until is null for update',
          [id],
        );
        if (rowCount === 0) return;
        const bytes = await held();
        if (bytes === undefined) await client.query('delete from storage.holder where id = $1', [id]);
        else
          await client.query('update storage.holder set bytes = $2, quota = null where id = $1', [id, bytes]);
      }),
    absorb: (uploadId, jobId, held) =>
      transaction(pool, async (client) => {
        const { rowCount } = await client.query('select from storage.holder where id = $1 for update', [
          jobId,
        ]);
        const bytes = await held();
        if (bytes !== undefined && rowCount === 0) return false;
        // Before the job's row grows: the sum of both never does.
        await client.query(`delete from storage.holder where id = $1 and kind = 'upload'`, [uploadId]);
        if (bytes !== undefined)
          await client.query(
            `update storage.holder set bytes = $2, quota = null, lease_until = null, owner = null where id = $1`,
            [jobId, bytes],
          );
        return true;
      }),
    async transfer(uploadId, jobId) {
      const owner = randomUUID();
      // Two rows where the job holds bytes of its own already: their ids would meet, which fails.
      const isTransferred = await changes(
        `update storage.holder set id = $2, kind = 'job', owner = $3, lease_until = ${until('$4')}
         where not swept and (id = $1 and kind = 'upload' or id = $2 and kind = 'job' and lease_until is not null)`,
        [uploadId, jobId, owner, defaultLeaseMs],
      ).catch((error: unknown) => {
        throw error instanceof DatabaseError && error.code === UNIQUE_VIOLATION ? busy() : error;
      });
      if (!isTransferred) throw lost();
      return reservation(jobId, owner, defaultLeaseMs);
    },
    async usage(accountId) {
      const { rows } = await pool.query<{ used_bytes: string; reserved_bytes: string }>(
        'select used_bytes, reserved_bytes from storage.account where account_id = $1',
        [accountId],
      );
      return {
        used_bytes: Number(rows[0]?.used_bytes ?? 0),
        reserved_bytes: Number(rows[0]?.reserved_bytes ?? 0),
      };
    },
  };
}

const busy = () =>
  new AppError(
    'request_in_progress',
    'An earlier attempt at this upload is being accepted or removed just now; send it again in a moment',
  );

const lost = () =>
  new AppError(
    'upload_timed_out',
    'Nothing of this upload arrived for too long, so it was removed; send it again',
  );
