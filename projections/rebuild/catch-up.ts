import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';
import type { EventEnvelope } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { type EventSource, pages } from './event-source.ts';
import { applyFresh } from './fresh-tables.ts';
import { inTransaction } from './in-transaction.ts';

export interface Progress {
  projection: string;
  events: number;
  position: bigint;
  /** Where the event store ended when it was last asked. */
  frontier: bigint;
}

/** Commands wait at most 3 s for the read models to show what they did: who appended longer ago waits no more. */
const AWAITED_MS = 10_000;

/** Fills a read model's new tables from the event store; each call goes on where the last one ended. */
export function createCatchUp<E extends EventEnvelope>(
  client: PoolClient,
  projection: Projection<E>,
  source: EventSource,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void },
) {
  let position = 0n;
  let events = 0;
  /** Jobs and keys that somebody may be waiting for right now, with the time of the event. */
  const awaited = new Map<string, { revision: number; time: number }>();

  return {
    get events() {
      return events;
    },
    get position() {
      return position;
    },
    /** To go back to when the transaction that went on from here was rolled back. */
    mark() {
      const [markedPosition, markedEvents] = [position, events];
      return () => {
        position = markedPosition;
        events = markedEvents;
      };
    },
    awaited(): Change[] {
      return [...awaited].map(([id, { revision }]) => [id, revision]);
    },
    /**
     * Applies everything up to the frontier, one transaction per page.
     * @param within runs a page in another transaction than one of its own
     */
    async upTo(
      frontier: bigint,
      within: (work: () => Promise<unknown>) => Promise<unknown> = (work) => inTransaction(client, work),
    ): Promise<void> {
      for await (const page of pages(source, projection.family, position, frontier)) {
        signal?.throwIfAborted();
        await within(() => applyFresh(client, projection, page.events));
        const since = Date.now() - AWAITED_MS;
        for (const [id, { time }] of awaited) if (time < since) awaited.delete(id);
        for (const event of page.events) {
          const time = Date.parse(event.time);
          if (time >= since) awaited.set(projection.family.idOf(event), { revision: event.revision, time });
        }
        events += page.events.length;
        position = page.position;
        onProgress?.({ projection: projection.name, events, position, frontier });
      }
      // Positions have gaps: nothing may stand between the last event and the frontier.
      position = frontier;
    },
  };
}
