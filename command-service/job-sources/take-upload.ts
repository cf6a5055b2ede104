import { buffer } from 'node:stream/consumers';
import type { AcceptedJob } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectInfo } from '@transcodeflow/shared/objects/object-store.ts';
import type { Job } from '../job/state.ts';
import type { StoredUpload } from '../resumable/upload-table.ts';
import { useOfUpload } from '../resumable/use-of-upload.ts';
import type { RouteDependencies } from '../routes/dependencies.ts';
import { requireFit, SAMPLE_BYTES, type Sniffed, sniffMedia } from '../uploads/sniff.ts';
import type { JobOrder, TakeSource } from './job-order.ts';
import { namedUpload } from './named-upload.ts';
import { pictureUse } from './picture-use.ts';

/** The upload itself is at fault: it will never be a job. */
const HOPELESS = new Set(['invalid_video_format', 'upload_size_mismatch']);

/**
 * A job whose video was uploaded before. One job comes of an upload, whatever happens at the same time or dies in
 * between: its id is the upload's own, so that the append to its stream is what decides. Before it the upload is as it
 * was; after it whoever comes next (a repeated request, the janitor) finishes the rest.
 */
export const takeUpload = (dependencies: RouteDependencies): TakeSource<{ upload_id: string }> => {
  const { uploads, commands, objects, visibility } = dependencies;
  type Order = JobOrder<{ upload_id: string }>;

  const named = ({ source, identity }: Order): Promise<StoredUpload> =>
    namedUpload(uploads.table, source.upload_id, 'source.upload_id', identity);

  /** Under the upload's lock. */
  async function take(order: Order): Promise<{ job: Job; revision: number }> {
    const upload = await named(order);
    // Of one that a dead request claimed as a picture the same: it may have been taken.
    if (upload.picture_of !== null) await pictureUse(commands, upload, order.attempt.jobId);
    const { state, revision } = await commands.load(upload.job_id);
    if (state) {
      // Unless this very request has made it, and died before its answer.
      if (upload.claim !== order.attempt.jobId) throw used(upload);
      await finish(upload, state, order);
      return { job: state, revision };
    }
    const { source, sniffed } = await place(upload, order);
    // The upload stays: a job of another profile may take it.
    requireFit(sniffed, order.settings.profile);
    await uploads.table.claim(upload.id, order.attempt.jobId);
    const requested = await request(upload, source, order);
    await finish(upload, requested.job, order);
    return requested;
  }

  async function place(
    upload: StoredUpload,
    { signal }: Order,
  ): Promise<{ source: ObjectInfo; sniffed: Sniffed }> {
    try {
      const source = await uploads.bytes.place(upload, signal);
      return { source, sniffed: await sniffMedia(await sampleOf(source, signal)) };
    } catch (error) {
      if (error instanceof AppError && HOPELESS.has(error.code)) await uploads.endings.discard(upload);
      throw error;
    }
  }

  async function sampleOf({ key, size }: ObjectInfo, signal: AbortSignal): Promise<Buffer> {
    if (size === 0) return Buffer.alloc(0);
    const { body } = await objects.get(key, { range: { start: 0, end: SAMPLE_BYTES - 1 }, signal });
    return buffer(body);
  }

  async function request(upload: StoredUpload, source: ObjectInfo, order: Order) {
    const { job_id } = upload;
    const { size: size_bytes } = source;
    const data = {
      job_id,
      ...order.settings,
      filename: order.filename ?? upload.filename,
      source: { key: sourceKey(job_id), size_bytes, content_type: 'application/octet-stream' },
      ...(await order.pictures.place(job_id)),
    };
    const executed = await commands.execute(
      job_id,
      { type: 'RequestJob', data },
      { correlation_id: order.correlationId },
    );
    if (executed.events.length === 0 || !executed.state) throw used(upload);
    return { job: executed.state, revision: executed.revision };
  }

  /** The job is there whatever happens here: what fails is left to the janitor. */
  async function finish(upload: StoredUpload, job: Job, { log }: Order): Promise<void> {
    await uploads.endings.becameJob(upload, job).catch((error: unknown) => {
      log.warn({ err: error, upload_id: upload.id }, 'could not finish an upload that became a job');
    });
  }

  return async (order) => {
    const upload = await named(order);
    const { job, revision } = await uploads.locks.hold(uploads.bytes.name(upload), order.signal, () =>
      take(order),
    );
    await visibility.waitFor(upload.job_id, revision);
    return accepted(upload.job_id, job);
  };
};

const accepted = (job_id: string, { request: { filename, source } }: Job): AcceptedJob => ({
  job_id,
  status: 'queued',
  filename,
  size_bytes: source.size_bytes,
});

const used = (upload: StoredUpload) =>
  new AppError('upload_used', `This upload was taken as ${useOfUpload(upload)}`);
