import type { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { lifecycleEvents, webhookEventName } from '@transcodeflow/shared/contracts/webhook-events.ts';
import type { JobEventAt } from './at-position.ts';
import { summarizeOutputs } from './summarize-outputs.ts';

/** What is told of the job in every event. */
export interface ToldJob {
  status: JobStatus;
  filename: string;
  metadata: Record<string, string>;
}

/**
 * The body of a delivery, `{type, timestamp, data}` of Standard Webhooks. Small: who wants more asks the API for
 * `data.url`. Paths are relative to the API's origin, which only its clients know. Metadata, up to 50 KiB, comes with the
 * turns of a job's life and not with each step of its work.
 */
export function payloadOf(
  { job_id, revision, time, event }: JobEventAt,
  { status, filename, metadata }: ToldJob,
): string {
  const type = webhookEventName(event.type);
  const own = lifecycleEvents.includes(type) ? { filename, metadata } : { filename };
  const url = `/api/jobs/${job_id}`;
  return JSON.stringify({
    type,
    timestamp: time,
    data: { job_id, revision, status, ...own, url, ...details(event, job_id) },
  });
}

function details(event: JobEvent, jobId: string): object {
  switch (event.type) {
    case 'JobCompleted':
      return { outputs: summarizeOutputs(event.data.outputs, `/api/jobs/${jobId}/outputs`) };
    case 'JobFailed':
      return { error: { code: event.data.code, message: event.data.reason } };
    case 'JobRequested':
      return { profile: event.data.profile, priority: event.data.priority };
    case 'JobCancelled':
    case 'JobRetried':
    case 'JobDeleted':
      return { by: event.data.by };
    case 'SourceInspected':
      return { media: event.data.media };
    case 'JobPlanned': {
      const { renditions, tasks } = event.data.plan;
      return { renditions: renditions.map(({ name }) => name), tasks: tasks.map(({ task_id }) => task_id) };
    }
    case 'TaskScheduled':
    case 'TaskStarted':
    case 'TaskSucceeded':
      return { task: taskOf(event.data) };
    case 'TaskFailed': {
      const { error, retry_at } = event.data;
      return {
        task: { ...taskOf(event.data), error: { code: error.code, message: error.message }, retry_at },
      };
    }
    case 'TaskLost': {
      const { reason, retry_at } = event.data;
      return { task: { ...taskOf(event.data), reason, retry_at } };
    }
    case 'AccelerationDegraded': {
      const { task_id, epoch, from, to, reason } = event.data;
      return { task: { task_id, epoch, from, to, reason } };
    }
    default:
      return event satisfies never;
  }
}

const taskOf = ({ task_id, kind, epoch }: { task_id: string; kind: string; epoch: number }) => ({
  task_id,
  kind,
  epoch,
});
