import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { BatchHandler, Bus, IncomingMessage } from '../bus/bus.ts';
import { type ParkingReason, parkingReason } from '../contracts/dead-letter.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import type { Logger } from '../telemetry/logger.ts';
import { guarded, type HandleMessage, logParked } from './guard.ts';
import { handBack, type Request, type Retry, requested } from './hand-back.ts';
import { orderingKey } from './parked-message.ts';
import { park, parkBehind, parkedKeys } from './parking.ts';
import { publishParked } from './publish-parked.ts';
import type { Failure } from './try-handling.ts';

/** How soon an operator's request is taken up, and a parked message is in its dead-letter topic. */
const TICK_MS = 1_000;

/** I9: messages that cannot be handled are parked in the schema `dead_letter`, by consumer and job. */
export interface DeadLetters {
  /**
   * A bus handler that parks what `handle` cannot handle, and answers operators' retries for this consumer.
   * @param consumer the group's name
   */
  guard(consumer: string, handle: HandleMessage, options?: { blocks?: boolean }): BatchHandler;
  /** For consumers that park in their rows' own transaction: takes out, and parks, what waits behind a parked message. */
  admit(
    client: PoolClient,
    consumer: string,
    messages: readonly IncomingMessage[],
  ): Promise<IncomingMessage[]>;
  park(client: PoolClient, consumer: string, message: IncomingMessage, failure: Failure): Promise<void>;
  /** Parks, alone, what a consumer without a database has sent to its dead-letter topic. */
  record(message: IncomingMessage, reason: ParkingReason): Promise<void>;
  onRetry(consumer: string, retry: Retry): void;
  close(): Promise<void>;
}

const nameOf = ({ consumer, key, id }: Request) => (key === null ? id : `${consumer} ${key}`);

/** @param options.bus takes copies of what is parked, on the topics `….dead-letter` */
export async function openDeadLetters({
  url,
  bus,
  log,
}: {
  url: string;
  bus: Bus;
  log: Logger;
}): Promise<DeadLetters> {
  await migrate(url, 'dead_letter', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow dead letters', max: 6, log });
  const retries = new Map<string, Retry>();
  const running = new Map<string, Promise<void>>();
  const closing = new AbortController();

  async function tick(): Promise<void> {
    await publishParked(pool, bus, log);
    for (const request of await requested(pool, [...retries.keys()])) {
      const retry = retries.get(request.consumer);
      if (retry && !running.has(nameOf(request))) begin(request, retry);
    }
  }

  /** Beside the others: one that takes long holds up nobody. */
  function begin(request: Request, retry: Retry): void {
    const handing = handBack(request, retry, { pool, bus, log, signal: closing.signal })
      .catch((error) => {
        if (!closing.signal.aborted)
          log.warn({ err: error, consumer: request.consumer }, 'could not retry; trying again');
      })
      .finally(() => running.delete(nameOf(request)));
    running.set(nameOf(request), handing);
  }

  async function attend(): Promise<void> {
    while (!closing.signal.aborted) {
      await tick().catch((error) =>
        log.warn({ err: error }, 'could not look after the dead letters; trying again'),
      );
      await sleep(TICK_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const { rows } = await pool.query<{ consumer: string; parked: string }>(
    'select consumer, count(*) as parked from dead_letter.message group by consumer order by consumer',
  );
  for (const { consumer, parked } of rows)
    log.warn({ consumer, parked: Number(parked) }, 'messages are parked; see `pnpm dead-letters`');
  const attending = attend();

  return {
    guard(consumer, handle, { blocks = true } = {}) {
      retries.set(consumer, handle);
      return guarded({ pool, log, consumer, handle, blocks });
    },
    async admit(client, consumer, messages) {
      const keys = new Set(messages.flatMap((message) => orderingKey(message) ?? []));
      const parked = await parkedKeys(client, consumer, [...keys]);
      if (parked.size === 0) return [...messages];
      const free: IncomingMessage[] = [];
      for (const message of messages) {
        const waits = parked.has(orderingKey(message) ?? '') && (await parkBehind(client, consumer, message));
        if (!waits) free.push(message);
      }
      return free;
    },
    async park(client, consumer, message, { error, attempts }) {
      await park(client, message, parkingReason(consumer, attempts, error), { blocks: true });
      logParked(log, consumer, message, error);
    },
    record: (message, reason) => park(pool, message, reason, { blocks: false, isPublished: true }),
    onRetry: (consumer, retry) => void retries.set(consumer, retry),
    async close() {
      closing.abort();
      await attending;
      await Promise.all(running.values());
      await pool.end();
    },
  };
}
