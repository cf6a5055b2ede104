import type { OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { destinationsOf, subjectOf } from '@transcodeflow/shared/contracts/routing.ts';
import { publishedAs } from '@transcodeflow/shared/contracts/stored-event-contract.ts';
import type { StoredEvent } from '@transcodeflow/shared/event-store/event-store.ts';
import type { EventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { toStoredEvent } from '@transcodeflow/shared/event-store/eventstoredb/stored-form.ts';
import { takeRelayLock } from './relay-lock.ts';
import type { LaneSource, RelaySource } from './relay-source.ts';

const POLL_MS = 1_000;
/** Events without a message for a topic after which its checkpoint moves nevertheless: what a restart reads again. */
const MOST_SKIPPED = 1_000;

export interface EventStoreDbSourceOptions {
  store: Pick<EventStoreDb, 'follow' | 'claimCheckpoint'>;
  /** Postgres, where the active relay is elected. */
  url: string;
}

/**
 * EventStoreDB's `$all`, followed by each lane on its own, from a checkpoint that is saved after the bus's
 * acknowledgement. A lane that cannot publish stops reading its own subscription and holds up no other. Why the
 * election is in Postgres and the fence in the checkpoint: docs/adr/0010-eventstoredb-relay.md.
 */
export const eventStoreDbSource = ({ store, url }: EventStoreDbSourceOptions): RelaySource => ({
  async lead(signal) {
    const lock = await takeRelayLock(url, signal);
    return lock && { ...lock, lane: (topic, most) => followingLane(topic, most, store) };
  },
});

async function followingLane(
  topic: string,
  buffered: number,
  store: EventStoreDbSourceOptions['store'],
): Promise<LaneSource> {
  const checkpoint = await store.claimCheckpoint(topic);
  const feed = store.follow(checkpoint.position, buffered);
  let skipped = 0;

  return {
    async next(most, signal) {
      const events = (await feed.next(most, AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)]))).map(
        toStoredEvent,
      );
      const messages = events.flatMap((event) => messagesFor(topic, event));
      const reached = events.at(-1)?.position;
      const save = async () => {
        if (reached !== undefined) await checkpoint.save(reached);
        skipped = 0;
      };
      if (messages.length === 0) {
        skipped += events.length;
        if (skipped >= MOST_SKIPPED) await save();
      }
      return { messages, done: save };
    },
    close: () => feed.close(),
  };
}

function messagesFor(topic: string, event: StoredEvent): OutgoingMessage[] {
  return destinationsOf(event)
    .filter((destination) => destination.topic === topic)
    .map(({ key }) =>
      toMessage(topic, key, {
        id: event.id,
        type: event.type,
        ...publishedAs(event.type, event.version),
        subject: subjectOf(event.stream),
        time: event.time,
        revision: event.revision,
        position: event.position,
        correlationid: event.metadata.correlation_id,
        causationid: event.metadata.causation_id,
        traceparent: event.metadata.traceparent,
        data: event.data,
      }),
    );
}
