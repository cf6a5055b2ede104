import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { LaneSource } from './relay-source.ts';

const LONGEST_BACKOFF_MS = 5_000;

export interface LaneOptions {
  topic: string;
  /** Messages published together. */
  batch: number;
  source: LaneSource;
  bus: Bus;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Publishes one topic's messages, oldest first: take, publish, mark as done what was acknowledged. While the broker is
 * away they wait, and publishing is tried again with back-off.
 * @throws when the source is lost
 */
export async function runLane({ topic, batch, source, bus, log, signal }: LaneOptions): Promise<void> {
  while (!signal.aborted) {
    const { messages, done } = await source.next(batch, signal);
    // Stopped meanwhile: another relay may be publishing these already.
    if (signal.aborted) break;
    if (messages.length === 0) continue;
    for (let failures = 0; ; ) {
      try {
        await untilAborted(bus.publish(messages), signal);
        break;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log.warn({ err: error, topic, failures }, 'could not publish; trying again');
        await sleep(Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** failures), undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
      }
    }
    await done();
  }
  if (signal.reason instanceof Error && signal.reason.name !== 'AbortError') throw signal.reason;
}

/** Closing must not wait for a publish that waits for a free slot: its message stays and is published at the next start. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
