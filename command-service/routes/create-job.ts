import { createHash } from 'node:crypto';
import { encodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { NewJob } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { jsonBody } from '@transcodeflow/shared/http/json-body.ts';
import { z } from 'zod';
import { type Attempt, once } from '../idempotency/once.ts';
import { takeUpload } from '../job-sources/take-upload.ts';
import { takeUrl } from '../job-sources/take-url.ts';
import { cleanFilename } from '../uploads/clean-filename.ts';
import type { RouteDependencies } from './dependencies.ts';

/** `POST /api/jobs`: a job of a finished upload, or of a video that is fetched from a URL. */
export const createJob = (dependencies: RouteDependencies) => {
  const { webhooks } = dependencies;
  const fromUpload = takeUpload(dependencies);
  const fromUrl = takeUrl(dependencies);

  return async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const job = parseNewJob(await jsonBody(ctx, z.unknown()));
    if (job.watermark)
      throw new AppError('invalid_fields', 'watermark: its picture can come only with POST /api/upload', {
        fields: { watermark: 'only with POST /api/upload' },
      });
    if (job.webhook) webhooks.checkUrl(job.webhook.url, 'webhook.url', 'invalid_fields');
    const fingerprint = createHash('sha256').update(JSON.stringify(job)).digest('hex');
    const hangUp = new AbortController();
    ctx.res.once('close', () => hangUp.abort(new Error('The client hung up')));

    async function work(attempt: Attempt) {
      await attempt.identify(fingerprint);
      const { source, filename, language, profile, priority = identity.priority, metadata, webhook } = job;
      const { account_id } = identity;
      const order = {
        filename: filename === undefined ? undefined : cleanFilename(filename),
        settings: {
          account_id,
          profile,
          options: { language, ...encodingOptions(job) },
          priority,
          metadata,
          ...(webhook ? { webhook } : {}),
        },
        identity,
        attempt,
        correlationId: ctx.state.requestId,
        log: ctx.state.log,
        signal: hangUp.signal,
      };
      const accepted =
        'upload_id' in source ? await fromUpload({ source, ...order }) : await fromUrl({ source, ...order });
      return { status: 201, headers: { Location: `/api/jobs/${accepted.job_id}` }, body: accepted };
    }

    const { requests } = dependencies;
    await once(ctx, { requests, identity, work, fingerprint: async () => fingerprint });
  };
};

/** @throws {AppError} `invalid_fields` */
function parseNewJob(body: unknown): NewJob {
  const parsed = NewJob.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = Object.fromEntries(
    parsed.error.issues.map(({ path, message }) => [path.join('.') || 'body', message]),
  );
  const [field, message] = Object.entries(fields)[0] ?? ['body', 'invalid'];
  throw new AppError('invalid_fields', `${field}: ${message}`, { fields, cause: parsed.error });
}
