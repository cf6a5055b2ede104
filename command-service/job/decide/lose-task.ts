import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Circumstances, TaskCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { isOpen } from '../state.ts';
import { advance, after, isOptional } from './advance.ts';
import { lostForGood, MAX_LOSSES, retryAt } from './retry-policy.ts';

type Data = Extract<TaskCommand, { type: 'LoseTask' }>['data'];

/** A lease lapsed: the worker went silent. Whatever it reports from now on is refused. */
export function loseTask(
  { task_id, epoch, reason }: Data,
  state: JobState,
  circumstances: Circumstances,
): JobEvent[] {
  const task = state?.tasks[task_id];
  if (!state || !task || !isOpen(state)) return [];
  if (task.epoch !== epoch || task.status !== 'running' || task.worker_id === undefined) return [];
  const losses = task.losses + 1;
  const lost = { task_id, epoch, worker_id: task.worker_id, kind: task.spec.kind, reason };
  if (losses < MAX_LOSSES)
    return [{ type: 'TaskLost', data: { ...lost, retry_at: retryAt(losses, circumstances) } }];
  const events: JobEvent[] = [{ type: 'TaskLost', data: lost }];
  if (isOptional(state, task_id)) return [...events, ...advance(after(state, events))];
  const { code, message } = lostForGood(task.spec.kind, losses);
  return [...events, { type: 'JobFailed', data: { code, reason: message, task_id } }];
}
