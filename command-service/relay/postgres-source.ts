import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { readOutbox, removeFromOutbox } from '@transcodeflow/shared/event-store/postgres/outbox.ts';
import { type Queries, serialQueries } from '@transcodeflow/shared/event-store/postgres/serial-queries.ts';
import { OUTBOX_CHANNEL } from '@transcodeflow/shared/event-store/postgres/wake.ts';
import { takeRelayLock } from './relay-lock.ts';
import type { LaneSource, RelaySource } from './relay-source.ts';
import { createSignalBox, type SignalBox } from './signal-box.ts';

/** Notifications wake a lane at once; this only bounds what a lost one costs. */
const POLL_MS = 1_000;

/**
 * The outbox in Postgres. The lock is held by the connection that also reads and deletes: when it goes, so do the lock
 * and the right to delete. What was published and not yet deleted then is published again; consumers guard by revision.
 */
export const postgresSource = (url: string): RelaySource => ({
  async lead(signal) {
    const lock = await takeRelayLock(url, signal);
    if (!lock) return undefined;
    const { client, lost, release } = lock;
    const signals = createSignalBox([
      topics.jobs,
      topics.accounts,
      topics.control,
      ...Object.values(topics.tasks),
    ]);
    client.on('notification', ({ payload }) => signals.raise(payload?.split(',') ?? []));
    try {
      await client.query(`listen ${OUTBOX_CHANNEL}`);
    } catch (error) {
      await release();
      throw error;
    }
    const queries = serialQueries(client);
    return { lost, release, lane: async (topic) => outboxLane(topic, queries, signals) };
  },
});

/** One topic's part of the outbox. */
export function outboxLane(topic: string, queries: Queries, signals: SignalBox): LaneSource {
  return {
    async next(most, signal) {
      const rows = await readOutbox(queries, topic, most);
      if (rows.length === 0) await signals.wait(topic, POLL_MS, signal);
      return {
        messages: rows.map((row) => row.message),
        done: () =>
          removeFromOutbox(
            queries,
            rows.map((row) => row.seq),
          ),
      };
    },
    close: async () => {},
  };
}
