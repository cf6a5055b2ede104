import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { isOpen } from '../state.ts';
import { scheduled } from './advance.ts';

type Data = Extract<TaskCommand, { type: 'RetryTask' }>['data'];

/** The back-off of a failed or lost attempt is over. */
export function retryTask({ task_id, epoch }: Data, state: JobState): JobEvent[] {
  const task = state?.tasks[task_id];
  if (!state || !task || !isOpen(state) || task.epoch !== epoch || task.status !== 'waiting') return [];
  return [scheduled(state, task_id, task.error ? 'failed' : 'lost')];
}
