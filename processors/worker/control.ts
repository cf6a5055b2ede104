import type { Bus, IncomingMessage, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { AttemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { versionIn } from '@transcodeflow/shared/contracts/versions/data-schema.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';

/** What this worker must give up. */
export interface Stop {
  jobId: string;
  /** Absent: every task of the job. */
  taskId?: string;
  /** Attempts of the task up to this epoch. */
  upToEpoch?: number;
  /** Attempts scheduled before this revision of the job: a later retry is not meant. */
  beforeRevision?: number;
  reason: string;
  /** The attempt was refused for good: its objects go, whether it still runs or has reported. */
  sweep?: boolean;
}

/** Follows `transcodeflow.control` from now on and says what this worker must give up. */
export function followControl(
  bus: Bus,
  workerId: string,
  log: Logger,
  onStop: (stop: Stop) => Promise<void>,
): Promise<Subscription> {
  return bus.subscribe({
    group: { broadcast: `processors.${workerId}` },
    topics: [topics.control],
    handler: async ({ messages }) => {
      for (const message of messages) {
        const stop = stopFrom(message, workerId, log);
        if (stop) await onStop(stop);
      }
    },
  });
}

function stopFrom(message: IncomingMessage, workerId: string, log: Logger): Stop | undefined {
  try {
    const { type, subject: jobId, revision: beforeRevision, dataschema, data } = fromMessage(message);
    if (type === 'AttemptRefused') {
      const { task_id: taskId, epoch: upToEpoch, worker_id, reason } = AttemptRefused.parse(data);
      return worker_id === workerId ? { jobId, taskId, upToEpoch, reason, sweep: true } : undefined;
    }
    const event = parseJobEvent(type, data, versionIn(dataschema));
    switch (event.type) {
      case 'TaskStarted': {
        const { task_id: taskId, epoch, worker_id } = event.data;
        // Somebody else owns this attempt; of this worker's own start only older attempts are outdated.
        const upToEpoch = worker_id === workerId ? epoch - 1 : epoch;
        return { jobId, taskId, upToEpoch, reason: `Worker ${worker_id} owns epoch ${epoch}` };
      }
      case 'TaskLost':
        return { jobId, taskId: event.data.task_id, upToEpoch: event.data.epoch, reason: event.data.reason };
      case 'JobCancelled':
      case 'JobFailed':
      case 'JobDeleted':
        return { jobId, beforeRevision, reason: event.type };
      default:
        return undefined;
    }
  } catch (error) {
    log.warn({ err: error }, 'ignored a control message that cannot be read');
    return undefined;
  }
}
