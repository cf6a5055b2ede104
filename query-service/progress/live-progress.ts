import type { Bus, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { LRUCache } from 'lru-cache';

const REMEMBERED_TASKS = 10_000;
const FRESH_MS = 30_000;

export interface LiveProgress {
  /** The last heartbeat of an attempt, if it is fresh. */
  of(jobId: string, taskId: string, epoch: number): TaskProgress | undefined;
  /**
   * Hears of each heartbeat that could be read; must not throw.
   * @returns stops it
   */
  onHeartbeat(listener: (jobId: string) => void): () => void;
  close(): Promise<void>;
}

/** Follows the heartbeats of all processors, in memory: progress is news, not history. */
export async function followProgress(bus: Bus, log: Logger): Promise<LiveProgress> {
  // What is stale goes by itself: without, each task's last heartbeat would be kept until as many others pushed it out.
  const last = new LRUCache<string, TaskProgress>({
    max: REMEMBERED_TASKS,
    ttl: FRESH_MS,
    ttlAutopurge: true,
  });
  const keyOf = (jobId: string, taskId: string, epoch: number) => `${jobId}/${taskId}/${epoch}`;
  const listeners = new Set<(jobId: string) => void>();
  const subscription: Subscription = await bus.subscribe({
    group: { broadcast: 'query-service.progress' },
    topics: [topics.progress],
    handler: async ({ messages }) => {
      for (const message of messages) {
        try {
          const progress = TaskProgress.parse(fromMessage(message).data);
          last.set(keyOf(progress.job_id, progress.task_id, progress.epoch), progress);
          for (const listener of listeners) listener(progress.job_id);
        } catch (error) {
          // I9: news that cannot be read is no news; the process manager parks it.
          log.warn({ err: error }, 'ignored a progress message that cannot be read');
        }
      }
    },
  });
  return {
    of: (jobId, taskId, epoch) => last.get(keyOf(jobId, taskId, epoch)),
    onHeartbeat(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => subscription.close(),
  };
}
