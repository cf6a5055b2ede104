import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';
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
export function createCatchUp(
  client: PoolClient,
  projection: Projection,
  source: EventSource,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void },
) {
  let position = 0n;
  let events = 0;
  /** Jobs that somebody may be waiting for right now, with the time of the event. */
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
      return [...awaited].map(([jobId, { revision }]) => [jobId, revision]);
    },
    /**
     * Applies everything up to the frontier, one transaction per page.
     * @param within runs a page in another transaction than one of its own
     */
    async upTo(
      frontier: bigint,
      within: (work: () => Promise<unknown>) => Promise<unknown> = (work) => inTransaction(client, work),
    ): Promise<void> {
      for await (const page of pages(source, position, frontier)) {
        signal?.throwIfAborted();
        await within(() => applyFresh(client, projection, page.events));
        const since = Date.now() - AWAITED_MS;
        for (const [jobId, { time }] of awaited) if (time < since) awaited.delete(jobId);
        for (const { job_id, revision, time } of page.events)
          if (Date.parse(time) >= since) awaited.set(job_id, { revision, time: Date.parse(time) });
        events += page.events.length;
        position = page.position;
        onProgress?.({ projection: projection.name, events, position, frontier });
      }
      // Positions have gaps: nothing may stand between the last event and the frontier.
      position = frontier;
    },
  };
}
