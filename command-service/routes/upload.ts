import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { v7 as uuidv7 } from 'uuid';
import { receiveUpload } from '../uploads/receive-upload.ts';
import type { RouteDependencies } from './dependencies.ts';
import { parseUploadOptions } from './upload-options.ts';

/** `POST /api/upload`: the video becomes an object, then a job; without a job nothing stays. */
export const upload =
  ({ commands, objects, visibility, mostUploadBytes }: RouteDependencies) =>
  async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const jobId = uuidv7();
    const received = await receiveUpload(ctx, objects, jobId, mostUploadBytes);
    const { source, thumbnail, filename, fields } = received;
    try {
      const { profile, priority, language, metadata } = parseUploadOptions(fields.options);
      const data = {
        job_id: jobId,
        account_id: identity.account_id,
        filename,
        source,
        thumbnail,
        profile,
        options: { language },
        priority,
        metadata,
      };
      const { revision } = await commands.execute(
        jobId,
        { type: 'RequestJob', data },
        { correlation_id: ctx.state.requestId },
      );
      await visibility.waitFor(jobId, revision);
    } catch (error) {
      if (await isCertainlyNoJob(commands, jobId, error)) await received.discard();
      throw error;
    }
    ctx.body = { job_id: jobId, status: 'queued', filename, size_bytes: source.size_bytes };
    ctx.set('Location', `/api/jobs/${jobId}`);
  };

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
