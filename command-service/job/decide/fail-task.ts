import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { GATE_FAILED, type TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import type { Circumstances, TaskCommand } from '../commands.ts';
import type { JobState, TaskState } from '../state.ts';
import { advance, after, isOptional } from './advance.ts';
import { begun } from './begin.ts';
import { encodeAgain } from './encode-again.ts';
import { INTERRUPTED, isPostponed, MAX_FAILURES, MAX_LOSSES, retryAt } from './retry-policy.ts';

type Data = Extract<TaskCommand, { type: 'FailTask' }>['data'];

export function failTask(data: Data, state: JobState, circumstances: Circumstances): JobEvent[] {
  const attempt = begun(state, data);
  if (!attempt) return [];
  const retry_at = nextAttempt(data.error, attempt.task, circumstances);
  if (retry_at) return [...attempt.begin, { type: 'TaskFailed', data: { ...data, retry_at } }];
  const events: JobEvent[] = [...attempt.begin, { type: 'TaskFailed', data }];
  if (isOptional(attempt.job, data.task_id)) return [...events, ...advance(after(state, events))];
  if (data.error.code === GATE_FAILED && attempt.task.spec.kind === 'verify') {
    const again = encodeAgain(attempt.job, data.error);
    if (again.length > 0) return [...events, ...again];
  }
  const { code, message } = data.error;
  return [...events, { type: 'JobFailed', data: { code, reason: message, task_id: data.task_id } }];
}

/** When the next attempt is due; undefined where there is none. */
function nextAttempt(
  { code, retryable }: TaskErrorInfo,
  task: TaskState,
  circumstances: Circumstances,
): string | undefined {
  if (code === INTERRUPTED) return task.losses + 1 < MAX_LOSSES ? circumstances.now.toISOString() : undefined;
  if (isPostponed(code, task)) return retryAt((task.postponed ?? 0) + 1, circumstances);
  const failures = task.failures + 1;
  return retryable && failures < MAX_FAILURES ? retryAt(failures, circumstances) : undefined;
}
