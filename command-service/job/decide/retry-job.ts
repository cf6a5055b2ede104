import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { JobState } from '../state.ts';
import { advance, after, scheduled } from './advance.ts';
import { existing } from './existing.ts';

/** A failed job goes on from its finished tasks, with all its attempts again. */
export function retryJob(data: { by: string }, state: JobState): JobEvent[] {
  const job = existing(state);
  if (job.status !== 'failed')
    throw new AppError('not_retryable', `Only a failed job can be retried, this one is ${job.status}`);
  const retried: JobEvent = { type: 'JobRetried', data };
  const unfinished = Object.values(job.tasks).filter(
    ({ status }) => status !== 'succeeded' && status !== 'outdated',
  );
  const again = unfinished.map((task) => scheduled(job, task.task_id, 'job_retried'));
  if (again.length > 0) return [retried, ...again];
  return [retried, ...advance(after(state, [retried]))];
}
