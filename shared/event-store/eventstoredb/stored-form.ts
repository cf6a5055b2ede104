import {
  type EventData,
  type EventType,
  type EventTypeToRecordedEvent,
  type JSONType,
  jsonEvent,
  NO_STREAM,
  type Position,
} from '@eventstore/db-client';
import { z } from 'zod';
import { ownStreams } from '../../contracts/routing.ts';
import type { EventMetadata, NewEvent, StoredEvent } from '../event-store.ts';
import { EventStoreDbError } from './errors.ts';

export type Recorded = EventTypeToRecordedEvent<EventType>;

/** What old servers (before 22.6) send where a position is missing: -1 as an unsigned number. */
const NO_POSITION = 2n ** 64n - 1n;

/** `$correlationId` and `$causationId` are the names that EventStoreDB's own projections and user interface know. */
const Metadata = z.object({
  $correlationId: z.string(),
  $causationId: z.string().optional(),
  traceparent: z.string().optional(),
  version: z.number().int().positive().default(1),
});

/** The port counts revisions from 1 and calls "no stream" 0; EventStoreDB counts from 0. */
export const toExpectedRevision = (revision: number): typeof NO_STREAM | bigint =>
  revision === 0 ? NO_STREAM : BigInt(revision - 1);
export const fromRevision = (revision: bigint): number => Number(revision) + 1;

/**
 * A position as one number: what is appended through gRPC has the same commit and prepare position, its place in
 * the log (they differ for explicit transactions of the old TCP protocol only).
 * @throws {EventStoreDbError} where they differ, or the server sends none
 */
export function fromPosition(position: Position | undefined): bigint {
  if (position === undefined || position.commit === NO_POSITION)
    throw new EventStoreDbError(
      'The server sends no positions of events; EventStoreDB 22.6 or newer is needed',
    );
  if (position.commit !== position.prepare)
    throw new EventStoreDbError(
      `The event at ${position.commit}/${position.prepare} is part of an explicit transaction; append through gRPC only`,
    );
  return position.commit;
}
export const toPosition = (position: bigint): Position => ({ commit: position, prepare: position });

export function toEventData(
  event: NewEvent,
  id: string,
  version: number,
  metadata: EventMetadata,
): EventData {
  return jsonEvent({
    id,
    type: event.type,
    // Anything that JSON can say is stored; the client's type merely leaves out null, numbers and booleans.
    data: event.data as JSONType,
    metadata: {
      $correlationId: metadata.correlation_id,
      ...(metadata.causation_id === undefined ? {} : { $causationId: metadata.causation_id }),
      ...(metadata.traceparent === undefined ? {} : { traceparent: metadata.traceparent }),
      version,
    },
  });
}

/** @throws {EventStoreDbError} for an event that this system did not write */
export function toStoredEvent(recorded: Recorded): StoredEvent {
  const { streamId: stream, id, type, data, isJson, created } = recorded;
  const metadata = Metadata.safeParse(recorded.metadata);
  if (!isJson || !metadata.success)
    throw new EventStoreDbError(
      `Event ${id} of stream ${stream} is not in this system's form: JSON with the metadata $correlationId and version`,
    );
  const { $correlationId, $causationId, traceparent, version } = metadata.data;
  return {
    id,
    stream,
    revision: fromRevision(recorded.revision),
    position: fromPosition(recorded.position),
    type,
    version,
    data,
    metadata: {
      correlation_id: $correlationId,
      ...($causationId === undefined ? {} : { causation_id: $causationId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    time: created.toISOString(),
  };
}

/** Only streams of this system: `$all` also has the server's own, and the relay's checkpoints. */
export const isOwn = (recorded: Recorded): boolean =>
  ownStreams.some((prefix) => recorded.streamId.startsWith(prefix));
