import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Job, JobState } from '../state.ts';

/** @throws {AppError} for a job that never was or was deleted */
export function existing(state: JobState): Job {
  if (!state || state.status === 'deleted')
    throw new AppError('job_not_found', 'There is no job with this id');
  return state;
}
