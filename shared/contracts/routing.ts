import type { StoredEvent } from '../event-store/event-store.ts';
import type { Priority } from './priority.ts';
import { topics } from './topics.ts';

/** Where an event goes: a topic, and the key that keeps the messages of a job or an account in order. */
export interface Destination {
  topic: string;
  key?: string;
}

/** The streams of jobs are named `job-{uuidv7}`. */
export const jobStream = (jobId: string): string => `job-${jobId}`;
export const jobIdOf = (stream: string): string => stream.slice('job-'.length);
export const apiKeyStream = (keyId: string): string => `apikey-${keyId}`;
/** @param id of an account, for all its endpoints; or of a delivery, for its redeliveries */
export const webhookStream = (id: string): string => `webhook-${id}`;

/** What the names of the streams begin with whose events are published to `transcodeflow.accounts`. */
export const accountStreams: readonly string[] = [apiKeyStream(''), webhookStream('')];
export const isAccountStream = (stream: string): boolean =>
  accountStreams.some((prefix) => stream.startsWith(prefix));

/** What every stream of this system begins with. */
export const ownStreams: readonly string[] = [jobStream(''), ...accountStreams];

/** The id that a stream is named after: a job's, an API key's, an account's or a delivery's. */
export const subjectOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

const priorityOf = (data: unknown): Priority => (data as { priority: Priority }).priority;
const accountOf = (data: unknown): string => (data as { account_id: string }).account_id;

/**
 * The topics an event is published to. Tasks and cancels too are published from stored events, never directly.
 * `TaskStarted` goes to `control` so that a second worker that was handed the same attempt sees that it does not own it.
 */
export function destinationsOf(event: Pick<StoredEvent, 'stream' | 'type' | 'data'>): Destination[] {
  if (isAccountStream(event.stream)) return [{ topic: topics.accounts, key: accountOf(event.data) }];
  const key = jobIdOf(event.stream);
  const destinations: Destination[] = [{ topic: topics.jobs, key }];
  switch (event.type) {
    case 'TaskScheduled':
      destinations.push({ topic: topics.tasks[priorityOf(event.data)] });
      break;
    case 'TaskStarted':
    case 'TaskLost':
    case 'JobCancelled':
    case 'JobFailed':
    case 'JobDeleted':
      destinations.push({ topic: topics.control, key });
      break;
  }
  return destinations;
}
