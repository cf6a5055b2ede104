import type { Pool } from 'pg';
import type { BatchHandler, IncomingMessage } from '../bus/bus.ts';
import { parkingReason } from '../contracts/dead-letter.ts';
import { transaction } from '../database/transaction.ts';
import type { Logger } from '../telemetry/logger.ts';
import { byKey } from './by-key.ts';
import { orderingKey } from './parked-message.ts';
import { park, parkBehind, parkedKeys } from './parking.ts';
import { tryHandling } from './try-handling.ts';

export type HandleMessage = (message: IncomingMessage) => Promise<void>;

export interface GuardOptions {
  pool: Pool;
  log: Logger;
  consumer: string;
  handle: HandleMessage;
  /** Later messages of the key wait behind a parked one: wherever their order matters. */
  blocks: boolean;
}

/**
 * I9: handles a batch message by message, keys side by side. What cannot be handled is parked and so is what comes
 * later with its key; the batch is rejected only for what is transient.
 */
export function guarded({ pool, log, consumer, handle, blocks }: GuardOptions): BatchHandler {
  return async ({ messages, signal }) => {
    const keyOf = (message: IncomingMessage) => (blocks ? orderingKey(message) : undefined);
    const keys = new Set(messages.flatMap((message) => keyOf(message) ?? []));
    const parked = await parkedKeys(pool, consumer, [...keys]);

    await byKey(messages, async (message) => {
      const key = keyOf(message);
      if (key !== undefined && parked.has(key)) {
        if (await transaction(pool, (client) => parkBehind(client, consumer, message))) {
          log.info({ consumer, job_id: key }, 'parked a message behind an earlier one of its job');
          return;
        }
      }
      const failure = await tryHandling(() => handle(message), signal);
      if (!failure) return;
      await park(pool, message, parkingReason(consumer, failure.attempts, failure.error), { blocks });
      if (key !== undefined) parked.add(key);
      logParked(log, consumer, message, failure.error);
    });
  };
}

export function logParked(log: Logger, consumer: string, message: IncomingMessage, error: unknown): void {
  const { topic, partition, offset, key, headers } = message;
  log.warn(
    { err: error, consumer, job_id: key ?? headers.ce_subject, topic, partition, offset: String(offset) },
    'parked a message that cannot be handled; see `pnpm dead-letters`',
  );
}
