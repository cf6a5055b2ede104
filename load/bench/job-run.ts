import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../tests/systems/api.ts';

/** Between two tries to follow a job that the read models do not have yet. */
const RETRY_MS = 50;
const DEADLINE_MS = 1_800_000;

/** A job as it was: seconds from the upload's answer until the query service said that it is completed. */
export interface JobRun {
  job_id: string;
  wall_s: number;
}

/**
 * Uploads a file and follows the job's events until they end. Asking again and again would be work of its own: every
 * 50 ms it took a tenth of a core, more than the orchestration that is measured.
 * @throws {Error} for an upload that is refused, and a job that does not complete
 */
export async function runJob(api: Api, file: string, options: object): Promise<JobRun> {
  const { status, body } = await api.upload(file, { options });
  const started = performance.now();
  if (status !== 200) throw new Error(`The upload was refused: ${JSON.stringify(body)}`);
  const job_id = String(body.job_id);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const events = await api.fetch('GET', `/api/jobs/${job_id}/events`, {
      headers: { Accept: 'text/event-stream' },
      signal,
    });
    // The stream ends with the job; or early, where its reader was too slow.
    if (events.ok) for await (const _ of events.body ?? []);
    else {
      await events.body?.cancel();
      // Accepted, but not in the read models yet: the machine is busy.
      if (events.status !== 503) throw new Error(`The job cannot be followed: ${events.status}`);
      await sleep(RETRY_MS, undefined, { signal });
    }
    const job = await api.call('GET', `/api/jobs/${job_id}`);
    if (job.body.status === 'completed') return { job_id, wall_s: (performance.now() - started) / 1_000 };
    if (job.status !== 503 && job.body.status !== 'queued' && job.body.status !== 'processing')
      throw new Error(`The job ended otherwise: ${JSON.stringify(job.body)}`);
  }
}

/** Wall seconds of each task that succeeded, as the job's history has them. */
export async function taskTimes(api: Api, jobId: string): Promise<Record<string, number>> {
  const { body } = await api.call('GET', `/api/jobs/${jobId}/events`);
  const events: { type: string; data: { task_id: string; wall_ms: number } }[] = body.events;
  return Object.fromEntries(
    events
      .filter(({ type }) => type === 'TaskSucceeded')
      .map(({ data }) => [data.task_id, data.wall_ms / 1_000]),
  );
}
