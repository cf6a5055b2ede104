import type { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEventType } from '@transcodeflow/shared/contracts/job-events.ts';

const turns: Partial<Record<JobEventType, JobStatus>> = {
  JobRequested: 'queued',
  TaskStarted: 'processing',
  JobCompleted: 'completed',
  JobFailed: 'failed',
  JobCancelled: 'cancelled',
  JobRetried: 'queued',
  JobDeleted: 'deleted',
};

/** The job's status after an event, as the API tells it. */
export const statusAfter = (before: JobStatus, type: JobEventType): JobStatus => turns[type] ?? before;
