import type { Job, JobState, TaskState } from '../state.ts';
import { isOpen } from '../state.ts';

/** The reporting worker does not own this attempt (any more): it must stop, and its objects do not count. */
export class StaleAttemptError extends Error {
  override name = 'StaleAttemptError';
}

export interface OwnedAttempt {
  task_id: string;
  epoch: number;
  worker_id: string;
}

/**
 * The fence: finds the attempt that a report is about, if its worker owns it or may come to own it.
 * @throws {StaleAttemptError}
 */
export function ownedAttempt(state: JobState, report: OwnedAttempt): { job: Job; task: TaskState } {
  if (!state) throw new StaleAttemptError('there is no such job');
  const task = state.tasks[report.task_id];
  if (!task) throw new StaleAttemptError(`there is no task ${report.task_id}`);
  if (task.epoch !== report.epoch)
    throw new StaleAttemptError(`epoch ${report.epoch} is over, the current one is ${task.epoch}`);
  if (task.worker_id !== undefined && task.worker_id !== report.worker_id)
    throw new StaleAttemptError(`the attempt belongs to worker ${task.worker_id}`);
  // An accepted attempt stays accepted: its owner's reports may be repeated long after the job has ended.
  if (!isOpen(state) && task.status !== 'succeeded')
    throw new StaleAttemptError(`the job is ${state.status}`);
  return { job: state, task };
}
