import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import type { ResultOf, TaskResult } from '@transcodeflow/shared/contracts/task-results.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';

/**
 * A task that was dispatched at least once. `queued`: its message is on the way to a processor; `running`: owned
 * by `worker_id`; `waiting`: for its next attempt, due at `retry_at`; `outdated`: what it was made of is made again, and
 * so it will be.
 */
export interface TaskState {
  task_id: string;
  spec: TaskSpec;
  /** Number of the current attempt, from 1; never used twice. */
  epoch: number;
  status: 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'outdated';
  worker_id?: string;
  /** Attempts that failed or were lost since the job was last requested or retried. */
  failures: number;
  losses: number;
  /** Attempts that found no place free on their hardware; neither failures nor losses. */
  postponed?: number;
  /** The epoch whose loss of acceleration is on record. */
  degraded_epoch?: number;
  result?: TaskResult;
  error?: TaskErrorInfo;
}

export interface Job {
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled' | 'deleted';
  request: JobEventOf<'JobRequested'>['data'];
  media?: MediaInfo;
  plan?: Plan;
  tasks: Readonly<Record<string, TaskState>>;
}

/** `undefined`: no job was ever requested in this stream. */
export type JobState = Job | undefined;

export const isOpen = (job: Job): boolean => job.status === 'queued' || job.status === 'processing';

/** The result of a task of the given kind that succeeded. */
export function resultOf<K extends TaskResult['kind']>(
  job: Job,
  kind: K,
): Extract<TaskResult, { kind: K }> | undefined {
  for (const task of Object.values(job.tasks)) {
    if (task.status === 'succeeded' && task.result && isKind(task.result, kind)) return task.result;
  }
  return undefined;
}

/** The encoded files, whether made in one go or joined of chunks. */
export const encodedOf = (job: Job): ResultOf<'encode' | 'stitch'> | undefined =>
  job.plan?.chunks ? resultOf(job, 'stitch') : resultOf(job, 'encode');

const isKind = <K extends TaskResult['kind']>(
  result: TaskResult,
  kind: K,
): result is Extract<TaskResult, { kind: K }> => result.kind === kind;
