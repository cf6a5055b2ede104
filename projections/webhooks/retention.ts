import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';

const CLEAN_MS = 3_600_000;
/** What is done is kept for questions and redeliveries. */
const DELIVERIES_KEPT = '30 days';
/** Events that nobody was told of are kept for an endpoint that becomes known late, when its topic lies behind. */
export const EVENTS_KEPT_MS = 7 * 24 * 3_600_000;
/** Rows per statement: none of them holds a lock for long. */
const AT_ONCE = 5_000;

const oldDeliveries = `delete from webhook.delivery where delivery_id in (
  select delivery_id from webhook.delivery where finished_at < now() - interval '${DELIVERIES_KEPT}' limit ${AT_ONCE})`;
const oldEvents = `delete from webhook.event where event_id in (
  select event_id from webhook.event
  where time < now() - ${EVENTS_KEPT_MS} * interval '1 millisecond'
    and not exists (select from webhook.delivery where delivery.event_id = event.event_id)
  limit ${AT_ONCE})`;

/** Removes finished deliveries after 30 days and events without any after 7; what is pending stays. */
export async function removeOld(pool: Pool): Promise<void> {
  for (const statement of [oldDeliveries, oldEvents])
    while (((await pool.query(statement)).rowCount ?? 0) === AT_ONCE);
}

/** @returns stops it */
export function startRetention(pool: Pool, log: Logger): () => void {
  const clean = () =>
    removeOld(pool).catch((error) => log.warn({ err: error }, 'could not remove old webhook deliveries'));
  const timer = setInterval(clean, CLEAN_MS);
  return () => clearInterval(timer);
}
