import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { ownedAttempt, StaleAttemptError } from './attempt.ts';

type Data = Extract<TaskCommand, { type: 'StartTask' }>['data'];

/** The first worker to start an attempt owns it. Its own repeated announcements change nothing. */
export function startTask(data: Data, state: JobState): JobEvent[] {
  const { task } = ownedAttempt(state, data);
  if (task.status === 'queued') return [{ type: 'TaskStarted', data }];
  if (task.status === 'waiting' || task.status === 'outdated')
    throw new StaleAttemptError('the attempt was given up');
  return [];
}
