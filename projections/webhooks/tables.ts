import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { openEventSource } from '../rebuild/open-event-source.ts';
import { catchUp } from './catch-up.ts';

/** Of the consumer, its checkpoint and its notices. */
export const NAME = 'webhooks';
/** Of the checkpoint. It never changes: these tables are migrated, not rebuilt. */
export const VERSION = 'once';

/**
 * The schema `webhook`, brought up to date. The first time, what happened before is read from the event store: jobs that
 * are under way must be known, and no bus has to keep their beginning. It was never told and is told to nobody but
 * endpoints that were there already. The schema `read_model` must be there.
 */
export async function createWebhookTables(
  pool: Pool,
  url: string,
  log: Logger,
  eventStoreDbUrl?: string,
): Promise<void> {
  await migrate(url, 'webhook', new URL('./migrations/', import.meta.url), log);
  const { rowCount } = await pool.query('select from read_model.projection where name = $1', [NAME]);
  if (rowCount) return;
  const source = await openEventSource(pool, url, eventStoreDbUrl, log);
  try {
    if (source) await catchUp(pool, source, log);
  } finally {
    await source?.close();
  }
  await pool.query(
    'insert into read_model.projection (name, version) values ($1, $2) on conflict (name) do nothing',
    [NAME, VERSION],
  );
}
