import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskCommand } from '../commands.ts';
import { isOpen, type JobState } from '../state.ts';
import { ownedAttempt } from './attempt.ts';

type Data = Extract<TaskCommand, { type: 'DegradeTask' }>['data'];

export function degradeTask(data: Data, state: JobState): JobEvent[] {
  const { job, task } = ownedAttempt(state, data);
  return task.degraded_epoch === data.epoch || !isOpen(job) ? [] : [{ type: 'AccelerationDegraded', data }];
}
