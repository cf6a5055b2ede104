import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { runLane } from './lane.ts';
import type { Leadership, RelaySource } from './relay-source.ts';

const LONGEST_BACKOFF_MS = 5_000;

export interface Relay {
  /** Whether this one is the active relay. */
  active(): boolean;
  close(): Promise<void>;
}

export interface RelayOptions {
  source: RelaySource;
  bus: Bus;
  log: Logger;
  /** Each topic is a lane of its own: one that cannot be published holds up no other. */
  lanes: readonly { topic: string; batch: number }[];
}

/**
 * Publishes what was stored. Of all the relays of a store one is active; a standby takes over when it is gone. What was
 * published and not yet marked as done then is published again: at least once, in the order of each job's stream.
 */
export function startRelay({ source, bus, log, lanes }: RelayOptions): Relay {
  const closing = new AbortController();
  let active = false;

  async function lead(): Promise<void> {
    const leadership = await source.lead(closing.signal);
    if (!leadership) return;
    try {
      active = true;
      log.info('this relay is now the active one');
      await runLanes(leadership);
    } finally {
      active = false;
      await leadership.release();
    }
  }

  /** A lane that ends with an error ends them all, so that nothing of this leadership is left when the next begins. */
  async function runLanes({ lost, lane }: Leadership): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([closing.signal, lost, failed.signal]);
    const running = lanes.map(async ({ topic, batch }) => {
      try {
        const laneSource = await lane(topic, batch);
        try {
          await runLane({ topic, batch, source: laneSource, bus, log, signal });
        } finally {
          await laneSource.close();
        }
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    await Promise.allSettled(running);
    await Promise.all(running);
  }

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        await lead();
        failures = 0;
      } catch (error) {
        if (closing.signal.aborted) return;
        failures += 1;
        log.warn({ err: error }, 'the relay stopped; it starts again');
      }
      const pause = Math.min(LONGEST_BACKOFF_MS, 100 * 2 ** failures);
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    active: () => active,
    async close() {
      closing.abort();
      await running;
    },
  };
}
