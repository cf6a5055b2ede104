import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import type { AccountEventEnvelope } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';

/**
 * An event with its place in the event store, which orders what comes by two topics: an endpoint that somebody created
 * before a job has the lower position, whichever topic is read first.
 */
export type At<T> = T & { position: bigint };
export type JobEventAt = At<JobEventEnvelope>;
export type AccountEventAt = At<AccountEventEnvelope>;

/** @throws {SyntaxError} for a message that does not say */
export function positionOf({ headers }: Pick<IncomingMessage, 'headers'>): bigint {
  const { ce_position } = headers;
  if (ce_position === undefined) throw new SyntaxError('A stored event needs the header ce_position');
  return BigInt(ce_position);
}
