import { createHash } from 'node:crypto';
import { encodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { NewJob } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { jsonBody } from '@transcodeflow/shared/http/json-body.ts';
import { z } from 'zod';
import { type Attempt, once } from '../idempotency/once.ts';
import { takePictures, type WantedPicture } from '../job-sources/take-pictures.ts';
import { takeUpload } from '../job-sources/take-upload.ts';
import { takeUrl } from '../job-sources/take-url.ts';
import { cleanFilename } from '../uploads/clean-filename.ts';
import type { RouteDependencies } from './dependencies.ts';

/** `POST /api/jobs`: a job of a finished upload, or of a video that is fetched from a URL. */
export const createJob = (dependencies: RouteDependencies) => {
  const { webhooks } = dependencies;
  const fromUpload = takeUpload(dependencies);
  const fromUrl = takeUrl(dependencies);
  const withPictures = takePictures(dependencies);

  return async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const job = parseNewJob(await jsonBody(ctx, z.unknown()));
    if (job.webhook) webhooks.checkUrl(job.webhook.url, 'webhook.url', 'invalid_fields');
    const fingerprint = createHash('sha256').update(JSON.stringify(job)).digest('hex');
    const hangUp = new AbortController();
    ctx.res.once('close', () => hangUp.abort(new Error('The client hung up')));

    async function work(attempt: Attempt) {
      await attempt.identify(fingerprint);
      const { source, filename, thumbnail, watermark, ...options } = job;
      const { language, profile, priority = identity.priority, metadata, webhook } = options;
      const { image, look } = splitWatermark(watermark);
      const { account_id } = identity;
      const common = {
        filename: filename === undefined ? undefined : cleanFilename(filename),
        settings: {
          account_id,
          profile,
          options: { language, ...encodingOptions({ ...options, watermark: look }) },
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
      const wanted: WantedPicture[] = [];
      if (thumbnail) wanted.push({ use: 'thumbnail', field: 'thumbnail.upload_id', ...thumbnail });
      if (image) wanted.push({ use: 'watermark', field: 'watermark.image.upload_id', ...image });
      const accepted = await withPictures(wanted, common, (pictures) => {
        const order = { ...common, pictures };
        return 'upload_id' in source ? fromUpload({ source, ...order }) : fromUrl({ source, ...order });
      });
      return { status: 201, headers: { Location: `/api/jobs/${accepted.job_id}` }, body: accepted };
    }

    const { requests } = dependencies;
    await once(ctx, { requests, identity, work, fingerprint: async () => fingerprint });
  };
};

/** How the picture is laid on is an option; the picture itself is none. */
function splitWatermark(watermark: NewJob['watermark']) {
  if (!watermark) return {};
  const { image, ...look } = watermark;
  return { image, look };
}

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
