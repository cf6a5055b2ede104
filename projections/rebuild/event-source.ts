import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { EventEnvelope, EventFamily } from '../projector/event-family.ts';

/** What a rebuild needs of the event store. */
export type EventSource = Pick<EventStore, 'read' | 'readAll' | 'frontier'>;

export const noEvents: EventSource = {
  read: async () => [],
  readAll: async () => [],
  frontier: async () => 0n,
};

/** A page holds some megabytes at most, however many events there are. */
const PAGE = 2_000;

export interface Page<E> {
  events: E[];
  /** Position up to which everything was read. */
  position: bigint;
}

/** A family's events above `after`, up to a frontier, in order; the next page is read while one is worked on. */
export async function* pages<E extends EventEnvelope>(
  source: EventSource,
  { isOf, fromStored }: EventFamily<E>,
  after: bigint,
  upTo: bigint,
): AsyncGenerator<Page<E>> {
  const read = (from: bigint) => {
    const page = source.readAll(from, PAGE, upTo);
    // Whoever stops early never asks for it.
    page.catch(() => {});
    return page;
  };
  for (let next = read(after); ; ) {
    const stored = await next;
    const last = stored.at(-1);
    if (!last) return;
    next = read(last.position);
    const events = stored.filter(({ stream }) => isOf(stream)).map(fromStored);
    yield { events, position: last.position };
  }
}
