import type { Pool } from 'pg';
import type { Priority } from '../contracts/priority.ts';
import type { Identity, Scope } from '../http/app-state.ts';

/** What a key ring knows of a key; never its text. */
export interface KeyRecord {
  identity: Identity;
  digest: Buffer;
  /** Milliseconds since 1970; null: it never expires. */
  expiresAt: number | null;
  revoked: boolean;
}

interface Row {
  id: string;
  account_id: string;
  hash: string;
  scopes: Scope[];
  storage_quota_bytes: string | null;
  rate_limit: number | null;
  priority: Priority;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** The keys with this prefix from the read model: one, none, or should two ever share it, both. */
export async function readKeys(pool: Pool, prefix: string): Promise<KeyRecord[]> {
  const { rows } = await pool.query<Row>({
    name: 'read api keys',
    text: `select id, account_id, hash, scopes, storage_quota_bytes, rate_limit, priority, expires_at, revoked_at
      from read_model.api_key where prefix = $1`,
    values: [prefix],
  });
  return rows.map((row) => ({
    identity: {
      key_id: row.id,
      account_id: row.account_id,
      scopes: new Set(row.scopes),
      storage_quota_bytes: row.storage_quota_bytes === null ? null : Number(row.storage_quota_bytes),
      rate_limit: row.rate_limit,
      priority: row.priority,
    },
    digest: Buffer.from(row.hash, 'hex'),
    expiresAt: row.expires_at?.getTime() ?? null,
    revoked: row.revoked_at !== null,
  }));
}
