import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { apiKeysProjection } from './api-keys/projection.ts';
import { historyProjection } from './history/projection.ts';
import { jobsProjection } from './jobs/projection.ts';
import { createTables } from './projector/create-tables.ts';
import type { Projection } from './projector/projection.ts';
import { startProjector } from './projector/projector.ts';
import { statsProjection } from './stats/projection.ts';
import { startWebhooks, type WebhookSettings } from './webhooks/start.ts';

/** Every read model there is. */
export const projections: readonly Projection[] = [
  jobsProjection,
  statsProjection,
  historyProjection,
  apiKeysProjection,
];

export interface Projections {
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Brings the tables up to date and keeps every read model following its events; sends webhooks. */
export async function startProjections({
  url,
  bus,
  log,
  eventStoreDbUrl,
  webhooks: webhookSettings,
}: {
  url: string;
  bus: Bus;
  log: Logger;
  /** Where the events are, if not in the database of `url`. */
  eventStoreDbUrl?: string;
  /** Absent: nobody is told, and there are no tables for it. */
  webhooks?: WebhookSettings;
}): Promise<Projections> {
  const pool = openPool({ url, name: 'transcodeflow projections', log });
  await createTables(pool, url, projections, log, eventStoreDbUrl);
  const deadLetters = await openDeadLetters({ url, bus, log });
  const subscriptions = await Promise.all(
    projections.map((projection) => startProjector(projection, { bus, pool, log, deadLetters })),
  );
  const webhooks =
    webhookSettings &&
    (await startWebhooks(webhookSettings, { url, bus, log, deadLetters, eventStoreDbUrl }));
  return {
    async ping() {
      await pool.query('select 1');
    },
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await webhooks?.close();
      await deadLetters.close();
      await pool.end();
    },
  };
}
