import type { Pool } from 'pg';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface StoredRequest {
  route: string;
  job_id: string;
  owner: string;
  /** Of what was sent, once it is known. */
  fingerprint: string | null;
  /** Absent while somebody works on it. */
  answer: Answer | null;
}

export interface RequestId {
  accountId: string;
  key: string;
}

/** A worker that has not renewed its lease for so long is gone. */
const LEASE = '30 seconds';
/** How long an answer is kept. */
const KEPT = '24 hours';

/** The requests that carried an Idempotency-Key, in the schema `idempotency`. */
export function createRequests(pool: Pool) {
  const columns = 'route, job_id, owner, fingerprint, answer';
  return {
    /**
     * Claims the key for `owner`: a new one, or one whose owner is gone.
     * @returns the request as it is now; it is the caller's where `owner` is the caller
     */
    async claim(
      { accountId, key }: RequestId,
      route: string,
      jobId: string,
      owner: string,
    ): Promise<StoredRequest> {
      const { rows } = await pool.query<StoredRequest>(
        `insert into idempotency.request (account_id, key, route, job_id, owner, lease_until)
         values ($1, $2, $3, $4, $5, now() + interval '${LEASE}')
         on conflict (account_id, key) do update
         set owner = excluded.owner, lease_until = excluded.lease_until
         where request.answer is null and request.lease_until < now() and request.route = excluded.route
         returning ${columns}`,
        [accountId, key, route, jobId, owner],
      );
      return (
        rows[0] ??
        (await this.find({ accountId, key })) ??
        this.claim({ accountId, key }, route, jobId, owner)
      );
    },
    async find({ accountId, key }: RequestId): Promise<StoredRequest | undefined> {
      const { rows } = await pool.query<StoredRequest>(
        `select ${columns} from idempotency.request where account_id = $1 and key = $2`,
        [accountId, key],
      );
      return rows[0];
    },
    async renew({ accountId, key }: RequestId, owner: string): Promise<void> {
      await pool.query(
        `update idempotency.request set lease_until = now() + interval '${LEASE}'
         where account_id = $1 and key = $2 and owner = $3`,
        [accountId, key, owner],
      );
    },
    async setFingerprint({ accountId, key }: RequestId, owner: string, fingerprint: string): Promise<void> {
      await pool.query(
        'update idempotency.request set fingerprint = $4 where account_id = $1 and key = $2 and owner = $3',
        [accountId, key, owner, fingerprint],
      );
    },
    async setAnswer({ accountId, key }: RequestId, owner: string, answer: Answer): Promise<void> {
      await pool.query(
        'update idempotency.request set answer = $4 where account_id = $1 and key = $2 and owner = $3',
        [accountId, key, owner, JSON.stringify(answer)],
      );
    },
    /** The request was refused: its key may be used again. */
    async release({ accountId, key }: RequestId, owner: string): Promise<void> {
      await pool.query(
        'delete from idempotency.request where account_id = $1 and key = $2 and owner = $3 and answer is null',
        [accountId, key, owner],
      );
    },
    async removeOld(): Promise<void> {
      await pool.query(`delete from idempotency.request where created_at < now() - interval '${KEPT}'`);
    },
  };
}

export type Requests = ReturnType<typeof createRequests>;
