import type { IncomingMessage } from '../bus/bus.ts';
import type { StoredEvent } from '../event-store/event-store.ts';
import { fromMessage } from './cloud-event.ts';
import { type JobEvent, parseJobEvent } from './job-events.ts';
import { jobIdOf } from './routing.ts';
import { versionIn } from './versions/data-schema.ts';

/** A job event as it comes from the topic `transcodeflow.jobs`, validated and in its current version. */
export interface JobEventEnvelope {
  job_id: string;
  /** The event's id: the same on every redelivery. */
  id: string;
  /** Number in the job's stream, from 1 without gaps. */
  revision: number;
  /** ISO 8601. */
  time: string;
  correlation_id: string;
  causation_id: string | undefined;
  event: JobEvent;
}

/** @throws {z.ZodError | SyntaxError | UnknownEventTypeError} for a message that is none */
export function jobEventFrom(message: Pick<IncomingMessage, 'headers' | 'value'>): JobEventEnvelope {
  const { id, type, subject, time, dataschema, revision, correlationid, causationid, data } =
    fromMessage(message);
  if (revision === undefined) throw new SyntaxError('A job event needs the header ce_revision');
  return {
    job_id: subject,
    id,
    revision,
    time,
    correlation_id: correlationid ?? id,
    causation_id: causationid,
    event: parseJobEvent(type, data, versionIn(dataschema)),
  };
}

/**
 * The same from the event store, for rebuilds: the envelope equals the one of the published message.
 * @throws {z.ZodError | UnknownEventTypeError | NewerVersionError} for an event that cannot be read back
 */
export const jobEventFromStored = (stored: StoredEvent): JobEventEnvelope => ({
  job_id: jobIdOf(stored.stream),
  id: stored.id,
  revision: stored.revision,
  time: stored.time,
  correlation_id: stored.metadata.correlation_id,
  causation_id: stored.metadata.causation_id,
  event: parseJobEvent(stored.type, stored.data, stored.version),
});
