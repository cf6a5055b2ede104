import type { TaskMessage } from '@transcodeflow/shared/contracts/task-reports.ts';

type Attempt = Pick<TaskMessage, 'job_id' | 'task_id' | 'epoch'>;

/** More than a worker ends in a day of short tasks. */
const REMEMBERED = 10_000;

/**
 * The attempts that this worker has announced. Messages come at least once: an attempt that comes again (after
 * a rebalance, a relay's takeover) is running or has ended, and a second run of it would write over, and in the end
 * remove, objects that may be accepted by then.
 */
export function createTakenAttempts(): {
  isNew(attempt: Attempt): boolean;
  remember(attempt: Attempt): void;
} {
  const taken = new Set<string>();
  const keyOf = ({ job_id, task_id, epoch }: Attempt) => `${job_id}/${task_id}/${epoch}`;
  return {
    isNew: (attempt) => !taken.has(keyOf(attempt)),
    remember(attempt) {
      taken.add(keyOf(attempt));
      const [oldest] = taken;
      if (taken.size > REMEMBERED && oldest !== undefined) taken.delete(oldest);
    },
  };
}
