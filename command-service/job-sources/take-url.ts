import type { AcceptedJob } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import type { Job } from '../job/state.ts';
import type { RouteDependencies } from '../routes/dependencies.ts';
import { appendHeld } from '../storage/append-held.ts';
import type { Reservation } from '../storage/reservations.ts';
import { requireFit } from '../uploads/sniff.ts';
import type { JobOrder, TakeSource } from './job-order.ts';
import { probeUrl } from './probe-url.ts';
import { setAside } from './set-aside.ts';

/** A job whose video is fetched from a URL, by a task. Here it is only asked whether there is one, and room is kept. */
export const takeUrl = (dependencies: RouteDependencies): TakeSource<{ url: string }> => {
  const { web, commands, reservations, visibility, mostUploadBytes } = dependencies;
  type Order = JobOrder<{ url: string }>;

  async function request({ source, filename, settings, identity, attempt, ...order }: Order) {
    const { jobId: job_id } = attempt;
    const { url } = source;
    const probed = await probeUrl(web, url, mostUploadBytes, order.signal);
    requireFit(probed.sniffed, settings.profile);
    const { account_id, storage_quota_bytes: quota } = identity;
    const { reservation, bytes: most_bytes } = await setAside(
      reservations,
      { id: job_id, kind: 'job', account_id, quota },
      { announced: probed.size_bytes, most: mostUploadBytes },
    );
    const { size_bytes } = probed;
    const data = {
      job_id,
      ...settings,
      filename: filename ?? probed.filename,
      source: { url, most_bytes, ...(size_bytes !== undefined ? { size_bytes } : {}) },
    };
    try {
      return await appendHeld(
        { commands, log: order.log, bytes: most_bytes },
        reservation,
        { type: 'RequestJob', data: { ...data, ...(await order.pictures.place(job_id)) } },
        { correlation_id: order.correlationId },
      );
    } catch (error) {
      await releaseWithoutJob(job_id, reservation);
      throw error;
    }
  }

  /** An append whose answer was lost may have happened. What is left undone here the janitor does. */
  async function releaseWithoutJob(jobId: string, reservation: Reservation): Promise<void> {
    const found = await commands.load(jobId).catch(() => undefined);
    if (found && !found.state) await reservation.release().catch(() => {});
  }

  return async (order) => {
    const { jobId } = order.attempt;
    // After a crash between the job and its answer the job is there.
    const before = await commands.load(jobId);
    const { state, revision } = before.state ? before : await request(order);
    if (!state) throw new Error(`Job ${jobId} was not appended`);
    await visibility.waitFor(jobId, revision);
    return accepted(jobId, state);
  };
};

const accepted = (job_id: string, { request: { filename, source } }: Job): AcceptedJob => ({
  job_id,
  status: 'queued',
  filename,
  ...(source.size_bytes !== undefined ? { size_bytes: source.size_bytes } : {}),
});
