import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { Deadlines } from './deadlines.ts';
import { DISPATCH_MS, LEASE_MS } from './lease.ts';

/** Sets and clears a task's timer as its job's events are published. Repetitions do no harm, however late they come. */
export async function keepTimers(deadlines: Deadlines, message: IncomingMessage): Promise<void> {
  const { job_id, event, revision } = jobEventFrom(message);
  const { partition } = message;
  switch (event.type) {
    case 'TaskStarted': {
      const { task_id, epoch } = event.data;
      // From now: the event may have been long on its way, and until now no heartbeat could extend the lease.
      const due_at = new Date(Date.now() + LEASE_MS);
      return deadlines.set({ job_id, task_id, epoch, kind: 'lease', due_at, partition, revision });
    }
    case 'TaskFailed':
    case 'TaskLost': {
      const { task_id, epoch, retry_at } = event.data;
      if (!retry_at) return deadlines.clear(job_id, revision, task_id);
      const due_at = new Date(retry_at);
      return deadlines.set({ job_id, task_id, epoch, kind: 'retry', due_at, partition, revision });
    }
    case 'TaskScheduled': {
      const { task_id, epoch } = event.data;
      const due_at = new Date(Date.now() + DISPATCH_MS);
      return deadlines.set({ job_id, task_id, epoch, kind: 'dispatch', due_at, partition, revision });
    }
    case 'TaskSucceeded':
      return deadlines.clear(job_id, revision, event.data.task_id);
    case 'JobCompleted':
    case 'JobFailed':
    case 'JobCancelled':
    case 'JobDeleted':
      return deadlines.clear(job_id, revision);
  }
}
