import { DISK_FULL, HARDWARE_BUSY, type TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import type { Circumstances } from '../commands.ts';
import type { TaskState } from '../state.ts';

/** Attempts that may fail before the task does. */
export const MAX_FAILURES = 3;
/** Workers that may vanish under a task: more than failures, since a deploy or an eviction is nobody's fault. */
export const MAX_LOSSES = 6;

/** The error code of an attempt that its worker handed back because it was stopping: nobody's failure. */
export const INTERRUPTED = 'interrupted';

/** Error codes of machines that have no room at the moment, which says nothing about the task. */
const CAPACITY: readonly string[] = [HARDWARE_BUSY, DISK_FULL];

/**
 * So often a task is put off because a machine has no place or no disk space free, half an hour in all; from then on it
 * counts as a failure, so that no job waits for ever for what another program never gives back.
 */
export const MAX_POSTPONED = 20;

/** Whether an attempt of the task that ended with this code is put off: capacity is not failure. */
export const isPostponed = (code: string, { postponed = 0 }: TaskState): boolean =>
  CAPACITY.includes(code) && postponed < MAX_POSTPONED;

/** What is told of a task whose workers kept vanishing. */
export const lostForGood = (kind: string, losses: number): TaskErrorInfo => ({
  code: 'task_lost',
  message: `The ${kind} step was interrupted ${losses} times: the machines that ran it went away`,
  retryable: true,
});

const BASE_MS = 2_000;
const CAP_MS = 120_000;

/**
 * When the next attempt is due: exponential back-off with equal jitter (half fixed, half random), so that tasks
 * that failed together do not come back together. 2 s, 4 s, 8 s … at most 2 minutes, each down to half.
 * @param attempts how many attempts have ended badly, from 1
 */
export function retryAt(attempts: number, { now, jitter }: Circumstances): string {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (attempts - 1));
  return new Date(now.getTime() + ceiling / 2 + (ceiling / 2) * jitter).toISOString();
}
