import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Job, JobState, TaskState } from '../state.ts';
import { type OwnedAttempt, ownedAttempt, StaleAttemptError } from './attempt.ts';

/**
 * An attempt whose end is reported, with the events that begin it if its start was never heard of (that
 * message may have been parked): the end of work must not hang on the announcement of its start.
 * `undefined`: this very attempt's end was reported before.
 * @throws {StaleAttemptError}
 */
export function begun(
  state: JobState,
  report: OwnedAttempt & { kind: string },
): { job: Job; task: TaskState; begin: JobEvent[] } | undefined {
  const { job, task } = ownedAttempt(state, report);
  const { task_id, epoch, worker_id, kind } = report;
  switch (task.status) {
    case 'running':
      return { job, task, begin: [] };
    case 'queued':
      return { job, task, begin: [{ type: 'TaskStarted', data: { task_id, epoch, worker_id, kind } }] };
    case 'succeeded':
    case 'failed':
      return undefined;
    case 'waiting':
      throw new StaleAttemptError('the attempt was given up');
    case 'outdated':
      throw new StaleAttemptError('what it was made of is made again');
  }
}
