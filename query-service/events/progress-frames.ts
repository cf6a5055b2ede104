import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { LRUCache } from 'lru-cache';
import type { JobReader } from '../jobs/job-reader.ts';
import { presentProgress } from '../jobs/present-progress.ts';
import type { LiveProgress } from '../progress/live-progress.ts';
import { type EventStream, eventFrame } from './event-stream.ts';
import type { HistoryFeed, Listener } from './history-feed.ts';

/** One frame per job and second at most: the latest news wins. */
const INTERVAL_MS = 1_000;
const REMEMBERED_JOBS = 10_000;
/** Whose a job is never changes; a job's last heartbeat is the last time that it is asked. */
const ACCOUNT_TTL_MS = 60_000;

/** Turns heartbeats into frames for whoever follows the job; made once, however many they are. */
export function sendProgress(
  heartbeats: LiveProgress,
  {
    reader,
    feed,
    live,
    log,
  }: {
    reader: Pick<JobReader, 'get'>;
    feed: Pick<HistoryFeed, 'listeners' | 'idle'>;
    live: WeakMap<Listener, EventStream>;
    log: Logger;
  },
): { close(): void } {
  const accounts = new LRUCache<string, string>({
    max: REMEMBERED_JOBS,
    ttl: ACCOUNT_TTL_MS,
    ttlAutopurge: true,
  });
  const timers = new Map<string, NodeJS.Timeout>();
  const sentAt = new LRUCache<string, number>({
    max: REMEMBERED_JOBS,
    ttl: 10 * INTERVAL_MS,
    ttlAutopurge: true,
  });

  async function tell(jobId: string): Promise<void> {
    const document = await reader.get(jobId);
    if (document?.status !== 'processing') return;
    accounts.set(jobId, document.account_id);
    const { progress, tasks } = presentProgress(document, heartbeats);
    const running = tasks.filter(({ status }) => status === 'running');
    const frame = eventFrame(
      'progress',
      JSON.stringify({ job_id: jobId, revision: document.revision, progress, tasks: running }),
    );
    for (const listener of feed.listeners(document.account_id, jobId)) live.get(listener)?.offer(frame);
  }

  const stop = heartbeats.onHeartbeat((jobId) => {
    if (feed.idle || timers.has(jobId)) return;
    const accountId = accounts.get(jobId);
    if (accountId !== undefined && nobody(feed.listeners(accountId, jobId))) return;
    const wait = Math.max(0, (sentAt.get(jobId) ?? 0) + INTERVAL_MS - performance.now());
    timers.set(
      jobId,
      setTimeout(() => {
        sentAt.set(jobId, performance.now());
        tell(jobId)
          .catch((error: unknown) => log.debug({ err: error }, 'no progress to tell'))
          .finally(() => timers.delete(jobId));
      }, wait).unref(),
    );
  });
  return {
    close() {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const nobody = (listeners: Iterable<Listener>): boolean => {
  for (const _ of listeners) return false;
  return true;
};
