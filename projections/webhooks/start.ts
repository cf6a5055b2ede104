import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { startDispatcher } from './dispatcher.ts';
import { followEvents } from './follow.ts';
import { startRetention } from './retention.ts';
import { createWebhookTables } from './tables.ts';

export interface WebhookSettings {
  /** Signing secrets are derived from it. */
  secretKey: string;
  /** Networks in CIDR notation that may be told although they are not public. */
  allowPrivateAddresses: readonly string[];
}

/** Follows the events and sends what endpoints are to get. The schema `read_model` must be there. */
export async function startWebhooks(
  { secretKey, allowPrivateAddresses }: WebhookSettings,
  {
    url,
    bus,
    log,
    deadLetters,
    eventStoreDbUrl,
  }: { url: string; bus: Bus; log: Logger; deadLetters: DeadLetters; eventStoreDbUrl?: string | undefined },
): Promise<{ close(): Promise<void> }> {
  const pool = openPool({ url, name: 'transcodeflow webhooks', max: 4, log });
  await createWebhookTables(pool, url, log, eventStoreDbUrl);
  const fetch = openSafeFetch({ allow: allowPrivateAddresses });
  const dispatcher = startDispatcher({ pool, fetch, secretKey, log });
  const subscription = await followEvents({ bus, pool, deadLetters, onDeliveries: dispatcher.wake });
  const stopCleaning = startRetention(pool, log);
  return {
    async close() {
      stopCleaning();
      await subscription.close();
      await dispatcher.close();
      await fetch.close();
      await pool.end();
    },
  };
}
