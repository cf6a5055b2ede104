import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { createRequests, type Requests } from './requests.ts';

const CLEAN_MS = 3_600_000;

/** The requests' table, brought up to date, and cleaned of old ones every hour. */
export async function openRequests(
  url: string,
  log: Logger,
): Promise<{ requests: Requests; close(): Promise<void> }> {
  await migrate(url, 'idempotency', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow idempotency', max: 4, log });
  const requests = createRequests(pool);
  const clean = () =>
    requests.removeOld().catch((error) => log.warn({ err: error }, 'could not remove old idempotency keys'));
  const timer = setInterval(clean, CLEAN_MS);
  return {
    requests,
    async close() {
      clearInterval(timer);
      await pool.end();
    },
  };
}
