import { randomUUID } from 'node:crypto';
import type { Batch, Bus, IncomingMessage, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { accountEventFrom } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { projectionGroup } from '@transcodeflow/shared/dead-letters/consumers.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import type { Pool, PoolClient } from 'pg';
import { advanceCheckpoint, takeOver } from '../projector/checkpoint.ts';
import { isolatingPoison } from '../projector/isolate-poison.ts';
import { applyAccounts } from './apply-accounts.ts';
import { applyJobs } from './apply-jobs.ts';
import { positionOf } from './at-position.ts';
import { NAME, VERSION } from './tables.ts';

/**
 * Turns what is published into deliveries. Deliveries, checkpoint, notification and what is parked are one transaction,
 * as for read models (I4, I9).
 *
 * It is no `Projection` on purpose: those can be rebuilt from the event store at any time, and rebuilding this one
 * would send everything again. So neither `pnpm projections rebuild` nor a new version can be given it: the compiler
 * refuses, not a list that somebody has to keep.
 * @param onDeliveries called after each commit that may have made deliveries
 */
export function followEvents({
  bus,
  pool,
  deadLetters,
  onDeliveries,
}: {
  bus: Bus;
  pool: Pool;
  deadLetters: DeadLetters;
  onDeliveries: () => void;
}): Promise<Subscription> {
  const owner = randomUUID();
  const group = projectionGroup(NAME);
  const place = (topic: string, partition: number) => ({ projection: NAME, topic, partition });

  async function move(
    { topic, partition, messages, signal }: Batch,
    work: (client: PoolClient) => Promise<string[]>,
  ): Promise<void> {
    const last = messages.at(-1);
    if (!last) return;
    await transaction(pool, async (client) => {
      const notices = await work(client);
      await advanceCheckpoint(client, place(topic, partition), owner, VERSION, last.offset + 1n, notices);
      signal.throwIfAborted();
    });
    onDeliveries();
  }

  deadLetters.onRetry(group, async (message, client) => {
    for (const notice of await apply(client, [message]))
      await client.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
  });
  return bus.subscribe({
    group,
    topics: [topics.jobs, topics.accounts],
    handler: isolatingPoison(
      (batch) =>
        move(batch, async (client) => apply(client, await deadLetters.admit(client, group, batch.messages))),
      (batch, message, failure) =>
        move(batch, async (client) => {
          await deadLetters.park(client, group, message, failure);
          return [];
        }),
    ),
    position: (topic, partition) => takeOver(pool, place(topic, partition), owner),
  });
}

/** @returns notices of the endpoints and deliveries that commands may be waiting for */
async function apply(client: PoolClient, messages: readonly IncomingMessage[]): Promise<string[]> {
  const ofJobs = messages.filter(({ topic }) => topic === topics.jobs);
  const ofAccounts = messages.filter(({ topic }) => topic === topics.accounts);
  await applyJobs(
    client,
    ofJobs.map((message) => ({ ...jobEventFrom(message), position: positionOf(message) })),
  );
  const changes = await applyAccounts(
    client,
    ofAccounts.map((message) => ({ ...accountEventFrom(message), position: positionOf(message) })),
  );
  return encodeNotices(NAME, changes);
}
