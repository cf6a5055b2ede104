import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { isOpen } from '../state.ts';
import { scheduled } from './advance.ts';

type Data = Extract<TaskCommand, { type: 'RedispatchTask' }>['data'];

/**
 * No processor has ever started this attempt: its message is gone, or soon will be. Another goes out with the next epoch;
 * should the first one turn up after all, whoever starts it is refused.
 */
export function redispatchTask({ task_id, epoch }: Data, state: JobState): JobEvent[] {
  const task = state?.tasks[task_id];
  if (!state || !task || !isOpen(state) || task.epoch !== epoch || task.status !== 'queued') return [];
  return [scheduled(state, task_id, 'lost')];
}
