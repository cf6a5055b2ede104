import type { StoredEvent } from '../event-store/event-store.ts';
import type { Priority } from './tasks.ts';
import { topics } from './topics.ts';

/** Where an event goes: a topic, and the key that keeps a job's messages in order. */
export interface Destination {
  topic: string;
  key?: string;
}

/** The streams of jobs are named `job-{uuidv7}`. */
export const jobStream = (jobId: string): string => `job-${jobId}`;
export const jobIdOf = (stream: string): string => stream.slice('job-'.length);

const priorityOf = (data: unknown): Priority => (data as { priority: Priority }).priority;

/**
 * The topics an event is published to. Tasks and cancels too are published from stored events, never directly.
 * `TaskStarted` goes to `control` so that a second worker that was handed the same attempt sees that it does not own it.
 */
export function destinationsOf(event: Pick<StoredEvent, 'stream' | 'type' | 'data'>): Destination[] {
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
