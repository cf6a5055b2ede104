import { encodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext, Identity } from '@transcodeflow/shared/http/app-state.ts';
import { type Attempt, once } from '../idempotency/once.ts';
import type { Answer } from '../idempotency/requests.ts';
import type { Job } from '../job/state.ts';
import { appendHeld } from '../storage/append-held.ts';
import { type Holding, hold } from '../storage/holding.ts';
import { announcedBytes } from '../uploads/announced-bytes.ts';
import { drainRefused } from '../uploads/drain-refused.ts';
import { noStore } from '../uploads/no-store.ts';
import { receiveUpload } from '../uploads/receive-upload.ts';
import { requireFit } from '../uploads/sniff.ts';
import type { RouteDependencies } from './dependencies.ts';
import { parseUploadOptions } from './upload-options.ts';

/** `POST /api/upload`: the video becomes an object, then a job; without a job nothing stays. */
export const upload = (dependencies: RouteDependencies) => {
  const { commands, objects, reservations, visibility, webhooks, requests, mostUploadBytes } = dependencies;

  async function accept(ctx: AppContext, identity: Identity, { jobId, identify }: Attempt): Promise<Answer> {
    // After a crash between the job and its answer the job is there: its source must not be written again.
    const { state } = await commands.load(jobId);
    if (state) {
      await identify((await receiveUpload(ctx, noStore, jobId, mostUploadBytes)).fingerprint);
      return answerFor(jobId, state.request);
    }
    const { account_id, storage_quota_bytes: quota } = identity;
    const holding = await hold(
      reservations,
      { id: jobId, kind: 'job', account_id, quota },
      { ...announcedBytes(ctx, mostUploadBytes), log: ctx.state.log },
    );
    try {
      return await acceptHeld(ctx, identity, { jobId, identify }, holding);
    } finally {
      holding.close();
    }
  }

  async function acceptHeld(
    ctx: AppContext,
    { account_id, priority: usual }: Identity,
    { jobId, identify }: Attempt,
    holding: Holding,
  ): Promise<Answer> {
    const { log, requestId: correlation_id } = ctx.state;
    const received = await receiveUpload(ctx, objects, jobId, mostUploadBytes, holding);
    const { source, sniffed, thumbnail, watermark, filename, fields, fingerprint } = received;
    try {
      const options = parseUploadOptions(fields.options);
      const { profile, priority = usual, language, metadata, webhook } = options;
      // Not before: the options may come after the file.
      requireFit(sniffed, profile);
      if (webhook) webhooks.checkUrl(webhook.url, 'webhook.url', 'invalid_request');
      if (options.watermark && !watermark)
        throw new AppError(
          'invalid_request',
          'options.watermark: the field "watermark" with the picture is missing',
          {
            fields: { 'options.watermark': 'there is no picture' },
          },
        );
      await identify(fingerprint);
      const request = {
        account_id,
        filename,
        source,
        thumbnail,
        ...(watermark ? { watermark } : {}),
        profile,
        options: { language, ...encodingOptions(options) },
        priority,
        metadata,
        ...(webhook ? { webhook } : {}),
      };
      const { revision } = await appendHeld(
        { commands, log },
        holding.reservation,
        { type: 'RequestJob', data: { job_id: jobId, ...request } },
        { correlation_id },
      );
      await visibility.waitFor(jobId, revision);
      return answerFor(jobId, request);
    } catch (error) {
      if (await isCertainlyNoJob(commands, jobId, error)) await received.discard();
      throw error;
    }
  }

  return async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    await once(ctx, {
      requests,
      identity,
      work: (attempt) => accept(ctx, identity, attempt),
      fingerprint: async () => (await receiveUpload(ctx, noStore, 'repeated', mostUploadBytes)).fingerprint,
    }).catch((error: unknown) => {
      drainRefused(ctx);
      throw error;
    });
  };
};

const answerFor = (
  job_id: string,
  { filename, source }: Pick<Job['request'], 'filename' | 'source'>,
): Answer => ({
  status: 200,
  headers: { Location: `/api/jobs/${job_id}` },
  body: { job_id, status: 'queued', filename, size_bytes: source.size_bytes },
});

/** An append whose answer was lost may have happened: the objects of a job that exists must stay. */
async function isCertainlyNoJob(
  commands: RouteDependencies['commands'],
  jobId: string,
  error: unknown,
): Promise<boolean> {
  if (error instanceof AppError) return true;
  const found = await commands.load(jobId).catch(() => undefined);
  return found !== undefined && found.state === undefined;
}
