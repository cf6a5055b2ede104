import { randomUUID } from 'node:crypto';
import type { Batch, Bus, IncomingMessage, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { projectionGroup } from '@transcodeflow/shared/dead-letters/consumers.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool, PoolClient } from 'pg';
import { advanceCheckpoint, takeOver } from './checkpoint.ts';
import type { EventEnvelope } from './event-family.ts';
import { isolatingPoison } from './isolate-poison.ts';
import type { Projection } from './projection.ts';
import { enterLiveTables, versionOf } from './tables.ts';

/**
 * Keeps one read model up to date from the topic of its events. Rows, checkpoint, notification and what is parked are one
 * transaction; the checkpoint, not the broker, says where to go on. Without `deadLetters` poison stops it.
 */
export async function startProjector<E extends EventEnvelope>(
  projection: Projection<E>,
  { bus, pool, log, deadLetters }: { bus: Bus; pool: Pool; log: Logger; deadLetters?: DeadLetters },
): Promise<Subscription> {
  const owner = randomUUID();
  const version = await versionOf(projection);
  const group = projectionGroup(projection.name);
  const place = (topic: string, partition: number) => ({ projection: projection.name, topic, partition });

  /** @returns notices of what has changed */
  async function apply(client: PoolClient, messages: readonly IncomingMessage[]): Promise<string[]> {
    const events = messages.map(projection.family.fromMessage);
    await enterLiveTables(client, projection.name);
    return encodeNotices(projection.name, await projection.apply(client, events));
  }

  /** Does the work for a batch and moves the checkpoint behind it, in one transaction; `work` answers with notices. */
  async function move(
    { topic, partition, messages, signal }: Batch,
    work: (client: PoolClient) => Promise<readonly string[]>,
  ): Promise<void> {
    const last = messages.at(-1);
    if (!last) return;
    await transaction(pool, async (client) => {
      const notices = await work(client);
      await advanceCheckpoint(client, place(topic, partition), owner, version, last.offset + 1n, notices);
      signal.throwIfAborted();
    });
    log.debug({ projection: projection.name, partition, events: messages.length }, 'projected');
  }

  const project = (batch: Batch) =>
    move(batch, async (client) =>
      apply(client, (await deadLetters?.admit(client, group, batch.messages)) ?? batch.messages),
    );
  deadLetters?.onRetry(group, async (message, client) => {
    for (const notice of await apply(client, [message]))
      await client.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
  });

  return bus.subscribe({
    group,
    topics: [projection.family.topic],
    handler: deadLetters
      ? isolatingPoison(project, (batch, message, failure) =>
          move(batch, async (client) => {
            await deadLetters.park(client, group, message, failure);
            return [];
          }),
        )
      : project,
    position: (topic, partition) => takeOver(pool, place(topic, partition), owner),
  });
}
