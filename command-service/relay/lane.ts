import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { readOutbox, removeFromOutbox } from '@transcodeflow/shared/event-store/postgres/outbox.ts';
import type { Queries } from '@transcodeflow/shared/event-store/postgres/serial-queries.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { SignalBox } from './signal-box.ts';

/** Notifications wake a lane at once; this only bounds what a lost one costs. */
const POLL_MS = 1_000;
const LONGEST_BACKOFF_MS = 5_000;

export interface LaneOptions {
  topic: string;
  /** Messages published and deleted together. */
  batch: number;
  queries: Queries;
  bus: Bus;
  log: Logger;
  signal: AbortSignal;
  signals: SignalBox;
}

/**
 * Empties one topic's part of the outbox, oldest first: read, publish, delete what was acknowledged. While the
 * broker is away the rows wait, and publishing is tried again with back-off.
 * @throws when the database connection is lost
 */
export async function runLane({
  topic,
  batch,
  queries,
  bus,
  log,
  signal,
  signals,
}: LaneOptions): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const rows = await readOutbox(queries, topic, batch);
    // Stopped meanwhile: another relay may be publishing these already.
    if (signal.aborted) break;
    if (rows.length === 0) {
      await signals.wait(topic, POLL_MS, signal);
      continue;
    }
    try {
      await untilAborted(bus.publish(rows.map((row) => row.message)), signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      log.warn({ err: error, topic, failures }, 'could not publish; trying again');
      await sleep(Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** failures), undefined, { signal }).catch(() => {});
      continue;
    }
    failures = 0;
    await removeFromOutbox(
      queries,
      rows.map((row) => row.seq),
    );
  }
  if (signal.reason instanceof Error && signal.reason.name !== 'AbortError') throw signal.reason;
}

/** Closing must not wait for a publish that waits for a free slot: its row stays and is published at the next start. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
