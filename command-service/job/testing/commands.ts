import type { JobCommand } from '../commands.ts';
import { FAILURE, WORKER } from './job-story.ts';

/** The commands of the process manager as the specs give them. */
export const owned = (task_id: string, epoch = 1, worker_id = WORKER) => ({
  task_id,
  epoch,
  worker_id,
  kind: task_id,
});
export const failing = (task_id: string, epoch = 1, error: object = {}, worker_id = WORKER): JobCommand => ({
  type: 'FailTask',
  data: {
    ...owned(task_id, epoch, worker_id),
    error: { ...FAILURE, ...error },
    commands: [['ffmpeg', '-i']],
  },
});
export const losing = (task_id: string, epoch = 1): JobCommand => ({
  type: 'LoseTask',
  data: { task_id, epoch, reason: 'No heartbeat for 15 s' },
});
export const retrying = (task_id: string, epoch = 1): JobCommand => ({
  type: 'RetryTask',
  data: { task_id, epoch },
});
export const redispatching = (task_id: string, epoch = 1): JobCommand => ({
  type: 'RedispatchTask',
  data: { task_id, epoch },
});
export const starting = (task_id: string, epoch = 1, worker_id = WORKER): JobCommand => ({
  type: 'StartTask',
  data: owned(task_id, epoch, worker_id),
});
export const by = { by: 'key-1' };
/** What refuses a report. */
export const STALE = { name: 'StaleAttemptError' };
