import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Circumstances, TaskCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { advance, after, isOptional } from './advance.ts';
import { begun } from './begin.ts';
import { INTERRUPTED, MAX_FAILURES, MAX_LOSSES, retryAt } from './retry-policy.ts';

type Data = Extract<TaskCommand, { type: 'FailTask' }>['data'];

export function failTask(data: Data, state: JobState, circumstances: Circumstances): JobEvent[] {
  const attempt = begun(state, data);
  if (!attempt) return [];
  const { code, message, retryable } = data.error;
  const failures = attempt.task.failures + 1;
  const mayRetry =
    code === INTERRUPTED ? attempt.task.losses + 1 < MAX_LOSSES : retryable && failures < MAX_FAILURES;
  if (mayRetry) {
    const retry_at =
      code === INTERRUPTED ? circumstances.now.toISOString() : retryAt(failures, circumstances);
    return [...attempt.begin, { type: 'TaskFailed', data: { ...data, retry_at } }];
  }
  const events: JobEvent[] = [...attempt.begin, { type: 'TaskFailed', data }];
  if (isOptional(attempt.job, data.task_id)) return [...events, ...advance(after(state, events))];
  return [...events, { type: 'JobFailed', data: { code, reason: message, task_id: data.task_id } }];
}
