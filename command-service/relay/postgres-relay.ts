import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { serialQueries } from '@transcodeflow/shared/event-store/postgres/serial-queries.ts';
import { OUTBOX_CHANNEL } from '@transcodeflow/shared/event-store/postgres/wake.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import pg from 'pg';
import { runLane } from './lane.ts';
import { createSignalBox } from './signal-box.ts';

/** Any fixed number: whoever holds this advisory lock is the active relay. */
const RELAY_LOCK = 7_250_417;
const STANDBY_POLL_MS = 500;
const LONGEST_BACKOFF_MS = 5_000;

export interface Relay {
  /** Whether this one is the active relay. */
  active(): boolean;
  close(): Promise<void>;
}

export interface RelayOptions {
  url: string;
  bus: Bus;
  log: Logger;
  /** Each topic is a lane of its own: one that cannot be published holds up no other. */
  lanes: readonly { topic: string; batch: number }[];
}

/**
 * Publishes what the event store holds in its outbox. Of all the relays on a database one is active, by an
 * advisory lock on the connection that also reads and deletes: when that connection goes, so do the lock and the
 * right to delete, and a standby takes over within a second. What was published and not yet deleted then is
 * published again; consumers guard by revision.
 */
export function startRelay({ url, bus, log, lanes }: RelayOptions): Relay {
  const closing = new AbortController();
  let active = false;

  async function lead(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'transcodeflow relay',
      keepAlive: true,
    });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('The relay lost its database connection')));
    try {
      await client.connect();
      if (!(await acquire(client, closing.signal))) return;
      active = true;
      log.info('this relay is now the active one');
      const signal = AbortSignal.any([closing.signal, lost.signal]);
      const signals = createSignalBox(lanes.map((lane) => lane.topic));
      client.on('notification', ({ payload }) => signals.raise(payload?.split(',') ?? []));
      await client.query(`listen ${OUTBOX_CHANNEL}`);
      const queries = serialQueries(client);
      await Promise.all(lanes.map((lane) => runLane({ ...lane, queries, bus, log, signal, signals })));
    } finally {
      active = false;
      await client.end().catch(() => {});
    }
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

/** Waits as a standby until the lock is free. `false`: closing. */
async function acquire(client: pg.Client, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      RELAY_LOCK,
    ]);
    if (rows[0]?.locked) return true;
    await sleep(STANDBY_POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
