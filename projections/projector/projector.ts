import { randomUUID } from 'node:crypto';
import type { Batch, Bus, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { advanceCheckpoint, takeOver } from './checkpoint.ts';
import type { Projection } from './projection.ts';

/**
 * Keeps one read model up to date from `transcodeflow.jobs`. Rows, checkpoint and notification are one
 * transaction; the checkpoint, not the broker, says where to go on.
 */
export function startProjector(
  projection: Projection,
  { bus, pool, log }: { bus: Bus; pool: Pool; log: Logger },
): Promise<Subscription> {
  const owner = randomUUID();
  const place = (topic: string, partition: number) => ({ projection: projection.name, topic, partition });

  async function handle({ topic, partition, messages, signal }: Batch): Promise<void> {
    const last = messages.at(-1);
    if (!last) return;
    const events = messages.map(jobEventFrom);
    await transaction(pool, async (client) => {
      await client.query('set local search_path to read_model');
      const changes = await projection.apply(client, events);
      await advanceCheckpoint(client, place(topic, partition), owner, last.offset + 1n);
      for (const notice of encodeNotices(projection.name, changes))
        await client.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
      signal.throwIfAborted();
    });
    log.debug({ projection: projection.name, partition, events: events.length }, 'projected');
  }

  return bus.subscribe({
    group: `projections.${projection.name}`,
    topics: [topics.jobs],
    handler: handle,
    position: (topic, partition) => takeOver(pool, place(topic, partition), owner),
  });
}
