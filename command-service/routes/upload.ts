import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext, Identity } from '@transcodeflow/shared/http/app-state.ts';
import { type Attempt, once } from '../idempotency/once.ts';
import type { Answer } from '../idempotency/requests.ts';
import type { Job } from '../job/state.ts';
import { noStore } from '../uploads/no-store.ts';
import { receiveUpload } from '../uploads/receive-upload.ts';
import type { RouteDependencies } from './dependencies.ts';
import { parseUploadOptions } from './upload-options.ts';

/** `POST /api/upload`: the video becomes an object, then a job; without a job nothing stays. */
export const upload = (dependencies: RouteDependencies) => {
  const { commands, objects, visibility, requests, mostUploadBytes } = dependencies;

  async function accept(ctx: AppContext, identity: Identity, { jobId, identify }: Attempt): Promise<Answer> {
    // After a crash between the job and its answer the job is there: its source must not be written again.
    const { state } = await commands.load(jobId);
    if (state) {
      await identify((await receiveUpload(ctx, noStore, jobId, mostUploadBytes)).fingerprint);
      return answerFor(jobId, state.request);
    }
    const received = await receiveUpload(ctx, objects, jobId, mostUploadBytes);
    const { source, thumbnail, filename, fields, fingerprint } = received;
    try {
      const options = parseUploadOptions(fields.options);
      const { profile, priority = identity.priority, language, metadata, webhook } = options;
      await identify(fingerprint);
      const { account_id } = identity;
      const request = {
        account_id,
        filename,
        source,
        thumbnail,
        profile,
        options: { language },
        priority,
        metadata,
        ...(webhook ? { webhook } : {}),
      };
      const { revision } = await commands.execute(
        jobId,
        { type: 'RequestJob', data: { job_id: jobId, ...request } },
        { correlation_id: ctx.state.requestId },
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
