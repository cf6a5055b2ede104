import type { AccountEventType } from '../account-events.ts';
import type { JobEventType } from '../job-events.ts';
import type { TaskReportType } from '../task-reports.ts';

/** What each job event states, as the published contract says it. */
export const jobEventDescriptions: Record<JobEventType, string> = {
  JobRequested:
    'A client asked for a job; its source is stored, or fetched by its first task. Always the first event of a job.',
  SourceInspected: 'The source was read: these streams can be used.',
  JobPlanned: 'What the job will produce, and the tasks that it takes.',
  TaskScheduled:
    'An attempt at a task is due: everything that a processor needs. The epoch grows with each attempt.',
  TaskStarted: 'A worker owns this attempt. Reports about an older epoch, or of another worker, are refused.',
  TaskSucceeded: 'The attempt was accepted: its objects are the job’s from now on.',
  TaskFailed: 'The attempt failed. The task is tried again if `retry_at` is there.',
  TaskLost: 'The worker of this attempt went silent. The task is tried again if `retry_at` is there.',
  AccelerationDegraded:
    'The attempt goes on with other hardware than it began with; or it had succeeded, the gate refused what was made of it, and the CPU does it again.',
  JobCompleted: 'Every output passed the gate and is available. Final, but for JobDeleted.',
  JobFailed: 'The job ended without its outputs. Final, but for JobRetried and JobDeleted.',
  JobCancelled: 'The job was cancelled before it ended. Final, but for JobRetried and JobDeleted.',
  JobRetried: 'A client asked for another go at a job that failed or was cancelled.',
  JobDeleted: 'The job’s objects are gone, or will be at once. Always the last event of a job.',
};

/** What each event of an API key or a webhook endpoint states. */
export const accountEventDescriptions: Record<AccountEventType, string> = {
  ApiKeyCreated: 'A key was made; its text was shown once. Always the first event of a key.',
  ApiKeyRevoked: 'The key is refused from now on. Always the last event of a key.',
  WebhookEndpointCreated: 'Job events of this account are delivered to an address from now on.',
  WebhookEndpointDeleted: 'Nothing more is delivered to the endpoint.',
  WebhookRedeliveryRequested: 'A client asked for a delivery to be made once more.',
};

/** What each report of a processor claims; the job's stream decides whether it becomes the event of that name. */
export const taskReportDescriptions: Record<TaskReportType, string> = {
  TaskStarted: 'A worker began an attempt and asks to own it.',
  TaskSucceeded: 'A worker ended an attempt and names the objects it stored.',
  TaskFailed: 'A worker could not end an attempt.',
  AccelerationDegraded: 'A worker goes on with other hardware than it began with.',
};
