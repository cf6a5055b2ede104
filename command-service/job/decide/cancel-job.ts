import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { JobState } from '../state.ts';
import { isOpen } from '../state.ts';
import { existing } from './existing.ts';

/** Cancel and completion race in the job's stream: whichever is appended first wins, the other is refused. */
export function cancelJob(data: { by: string; reason?: string }, state: JobState): JobEvent[] {
  const job = existing(state);
  if (!isOpen(job)) throw new AppError('already_finished', `The job is already ${job.status}`);
  return [{ type: 'JobCancelled', data }];
}
