import type { ApiKey } from '@transcodeflow/shared/contracts/rest/keys.ts';
import type { Pool } from 'pg';

interface Row extends Omit<ApiKey, 'storage_quota_bytes' | Moments> {
  storage_quota_bytes: string | null;
  expires_at: Date | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}
type Moments = 'expires_at' | 'created_at' | 'last_used_at' | 'revoked_at';

/** Neither the key nor its digest: nobody needs them here. */
const COLUMNS = `id, prefix, name, scopes, storage_quota_bytes, rate_limit, priority, expires_at, created_at,
  used_at as last_used_at, revoked_at`;
const TABLES = 'read_model.api_key left join api_keys.last_used on key_id = id';

/** Reads the keys' read model, and when they were last used. */
export function createApiKeyReader(pool: Pool) {
  return {
    async get(id: string): Promise<ApiKey | undefined> {
      const { rows } = await pool.query<Row>(`select ${COLUMNS} from ${TABLES} where id = $1`, [id]);
      return rows.map(present)[0];
    },
    /** The newest first. */
    async list(page: number, perPage: number): Promise<{ keys: ApiKey[]; total: number }> {
      const [{ rows }, counted] = await Promise.all([
        pool.query<Row>(
          `select ${COLUMNS} from ${TABLES} order by created_at desc, id desc limit $1 offset $2`,
          [perPage, (page - 1) * perPage],
        ),
        pool.query<{ total: string }>('select count(*) as total from read_model.api_key'),
      ]);
      return { keys: rows.map(present), total: Number(counted.rows[0]?.total ?? 0) };
    },
  };
}

export type ApiKeyReader = ReturnType<typeof createApiKeyReader>;

const present = (row: Row): ApiKey => ({
  ...row,
  storage_quota_bytes: row.storage_quota_bytes === null ? null : Number(row.storage_quota_bytes),
  expires_at: row.expires_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
  last_used_at: row.last_used_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
});
