import type { IncomingMessage } from '../bus/bus.ts';
import type { StoredEvent } from '../event-store/event-store.ts';
import { type AccountEvent, parseAccountEvent } from './account-events.ts';
import { fromMessage } from './cloud-event.ts';
import { subjectOf } from './routing.ts';
import { versionIn } from './versions/data-schema.ts';

/** An account event as it comes from the topic `transcodeflow.accounts`, validated and in its current version. */
export interface AccountEventEnvelope {
  /** Whose stream it is: the id of the API key; of webhooks the account's or the delivery's. */
  subject: string;
  /** The event's id: the same on every redelivery. */
  id: string;
  /** Number in the stream, from 1 without gaps. */
  revision: number;
  /** ISO 8601. */
  time: string;
  correlation_id: string;
  causation_id: string | undefined;
  event: AccountEvent;
}

/** @throws {z.ZodError | SyntaxError | UnknownAccountEventError} for a message that is none */
export function accountEventFrom(message: Pick<IncomingMessage, 'headers' | 'value'>): AccountEventEnvelope {
  const { id, type, subject, time, dataschema, revision, correlationid, causationid, data } =
    fromMessage(message);
  if (revision === undefined) throw new SyntaxError('An account event needs the header ce_revision');
  return {
    subject,
    id,
    revision,
    time,
    correlation_id: correlationid ?? id,
    causation_id: causationid,
    event: parseAccountEvent(type, data, versionIn(dataschema)),
  };
}

/**
 * The same from the event store, for rebuilds: the envelope equals the one of the published message.
 * @throws {z.ZodError | UnknownAccountEventError | NewerVersionError} for an event that cannot be read back
 */
export const accountEventFromStored = (stored: StoredEvent): AccountEventEnvelope => ({
  subject: subjectOf(stored.stream),
  id: stored.id,
  revision: stored.revision,
  time: stored.time,
  correlation_id: stored.metadata.correlation_id,
  causation_id: stored.metadata.causation_id,
  event: parseAccountEvent(stored.type, stored.data, stored.version),
});
