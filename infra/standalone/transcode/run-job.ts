import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, JobView } from './client.ts';

const POLL_MS = 300;
const OPEN = new Set(['queued', 'processing']);

/**
 * Follows a job to its end. When `signal` is aborted the job is cancelled, and its end is still waited for.
 * @param show called with every state seen
 */
export async function followJob(
  client: Client,
  jobId: string,
  show: (job: JobView) => void,
  signal: AbortSignal,
): Promise<JobView> {
  let cancelled = false;
  for (;;) {
    if (signal.aborted && !cancelled) {
      cancelled = true;
      // A job that ended in the same moment refuses; its state then says so.
      await client.cancel(jobId).catch(() => {});
    }
    const job = await client.job(jobId);
    show(job);
    if (!OPEN.has(job.status)) return job;
    await sleep(POLL_MS, undefined, { signal: cancelled ? undefined : signal }).catch(() => {});
  }
}
