import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import {
  type AccountEventEnvelope,
  accountEventFrom,
  accountEventFromStored,
} from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import {
  type JobEventEnvelope,
  jobEventFrom,
  jobEventFromStored,
} from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { isAccountStream, jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { StoredEvent } from '@transcodeflow/shared/event-store/event-store.ts';

/** What the envelopes of all events have. */
export interface EventEnvelope {
  /** Number in its stream, from 1 without gaps. */
  revision: number;
  /** ISO 8601. */
  time: string;
}

/** The events that a projection follows: where they are published, and which streams they are stored in. */
export interface EventFamily<E extends EventEnvelope> {
  topic: string;
  isOf(stream: string): boolean;
  /** The id that the event's stream is named after. */
  idOf(envelope: E): string;
  fromMessage(message: IncomingMessage): E;
  fromStored(stored: StoredEvent): E;
}

export const jobEvents: EventFamily<JobEventEnvelope> = {
  topic: topics.jobs,
  isOf: (stream) => stream.startsWith(jobStream('')),
  idOf: ({ job_id }) => job_id,
  fromMessage: jobEventFrom,
  fromStored: jobEventFromStored,
};

/** Of API keys and of webhook endpoints. */
export const accountEvents: EventFamily<AccountEventEnvelope> = {
  topic: topics.accounts,
  isOf: isAccountStream,
  idOf: ({ subject }) => subject,
  fromMessage: accountEventFrom,
  fromStored: accountEventFromStored,
};
