import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { JobState } from '../state.ts';
import { existing } from './existing.ts';

export function deleteJob(data: { by: string }, state: JobState): JobEvent[] {
  existing(state);
  return [{ type: 'JobDeleted', data }];
}
