import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { Logger } from '../telemetry/logger.ts';

const MOST_KEYS = 10_000;
const EVERY_MS = 60_000;

/** Notes when keys are used, about once a minute each, without anybody waiting for it. */
export function createLastUsed(pool: Pool, log: Logger) {
  const noted = new LRUCache<string, true>({ max: MOST_KEYS, ttl: EVERY_MS });
  const writing = new Set<Promise<void>>();

  async function write(keyId: string): Promise<void> {
    try {
      // Of several processes the first one writes.
      await pool.query({
        name: 'note use of api key',
        text: `insert into api_keys.last_used (key_id, used_at) values ($1, now())
          on conflict (key_id) do update set used_at = excluded.used_at
          where last_used.used_at < excluded.used_at - interval '50 seconds'`,
        values: [keyId],
      });
    } catch (error) {
      noted.delete(keyId);
      log.warn({ err: error }, 'could not note the use of an API key');
    }
  }

  return {
    note(keyId: string): void {
      if (noted.has(keyId)) return;
      noted.set(keyId, true);
      const written = write(keyId).finally(() => writing.delete(written));
      writing.add(written);
    },
    /** Waits for what is being written. */
    async close(): Promise<void> {
      await Promise.all(writing);
    },
  };
}
