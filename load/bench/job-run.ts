import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../tests/systems/api.ts';

/** Often enough that a poll does not show in the figures, and seldom enough that the polling does not. */
const POLL_MS = 50;
const DEADLINE_MS = 1_800_000;

/** A job as it was: seconds from the upload's answer until the query service said that it is completed. */
export interface JobRun {
  job_id: string;
  wall_s: number;
}

/** @throws {Error} for an upload that is refused, and a job that does not complete */
export async function runJob(api: Api, file: string, options: object): Promise<JobRun> {
  const { status, body } = await api.upload(file, { options });
  const started = performance.now();
  if (status !== 200) throw new Error(`The upload was refused: ${JSON.stringify(body)}`);
  const job_id = String(body.job_id);
  for (;;) {
    const job = await api.call('GET', `/api/jobs/${job_id}`);
    const wall_s = (performance.now() - started) / 1_000;
    if (job.body.status === 'completed') return { job_id, wall_s };
    // Accepted, but not in the read models yet: the machine is busy.
    if (job.status === 503 && wall_s * 1_000 < DEADLINE_MS) {
      await sleep(POLL_MS);
      continue;
    }
    if (job.body.status !== 'queued' && job.body.status !== 'processing')
      throw new Error(`The job ended otherwise: ${JSON.stringify(job.body)}`);
    if (wall_s * 1_000 > DEADLINE_MS) throw new Error(`The job ${job_id} did not end`);
    await sleep(POLL_MS);
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
