import type { ResolvedEvent } from '@eventstore/db-client';
import type { Recorded } from './stored-form.ts';

/** Reads to the end, always: a read that is left early stays open in the client, which then cannot be closed. */
export async function collect(reading: AsyncIterable<Pick<ResolvedEvent, 'event'>>): Promise<Recorded[]> {
  const events: Recorded[] = [];
  for await (const { event } of reading) if (event) events.push(event);
  return events;
}
