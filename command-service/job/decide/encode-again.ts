import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import type { Job } from '../state.ts';
import { isWithoutHardware } from '../without-hardware.ts';
import { scheduled } from './advance.ts';

/** As `encode` calls a run that no hardware had a part in. */
const CPU = 'cpu';

/**
 * Drivers lie: an encode on hardware may succeed and its output be wrong, where the CPU's would have been right. What the
 * gate refuses is therefore done again by the CPU, once, with the gate's figures as the reason; what was made of it is made
 * again after it. Nothing where no hardware had a part in it, or where the CPU has been asked already: the fault is
 * elsewhere then.
 */
export function encodeAgain(job: Job, { detail, message }: TaskErrorInfo): JobEvent[] {
  const encodes = Object.values(job.tasks).flatMap(({ task_id, epoch, worker_id, status, spec, result }) => {
    if (status !== 'succeeded' || worker_id === undefined || isWithoutHardware(spec)) return [];
    if (result?.kind !== 'encode' && result?.kind !== 'encode-chunk') return [];
    return result.renditions.length > 0 ? [{ task_id, epoch, worker_id, from: result.hardware }] : [];
  });
  const suspects = encodes.filter(({ from }) => from !== CPU);
  if (suspects.length === 0) return [];
  const reason = `The output gate refused what was made of it. ${detail ?? message}`;
  return [
    ...suspects.map(
      (attempt): JobEvent => ({ type: 'AccelerationDegraded', data: { ...attempt, to: CPU, reason } }),
    ),
    // All chunks: those that the CPU had made may be gone, once joined, when the job had failed and was retried.
    ...encodes.map(({ task_id }) => scheduled(job, task_id, 'failed', { acceleration: 'off' })),
  ];
}
