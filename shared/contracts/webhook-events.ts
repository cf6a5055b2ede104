import { type JobEventType, jobEventSchemas } from './job-events.ts';

/** `JobCompleted` → `job.completed`: what webhook receivers know an event's type by. */
export const webhookEventName = (type: JobEventType): string =>
  type.replace(/^([A-Z][a-z]+)(.*)$/, '$1.$2').toLowerCase();

/** For endpoints that want every event there is, also those of later versions. */
export const EVERY_EVENT = '*';

const types = Object.keys(jobEventSchemas) as JobEventType[];
export const webhookEventNames: readonly string[] = types.map(webhookEventName);

/** What is told to those who do not say what they want: the turns of a job's life, not the steps of its work. */
export const lifecycleEvents: readonly string[] = (
  ['JobRequested', 'JobCompleted', 'JobFailed', 'JobCancelled', 'JobRetried', 'JobDeleted'] as const
).map(webhookEventName);
