import { randomUUID } from 'node:crypto';
import { PresignedRequest, type PresignedUpload } from '@transcodeflow/shared/contracts/rest/uploads.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { jsonBody } from '@transcodeflow/shared/http/json-body.ts';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { cleanFilename } from '../../uploads/clean-filename.ts';
import type { RouteDependencies } from '../dependencies.ts';

/** S3 signs for at most 7 days. */
const LONGEST_S = 7 * 24 * 3600;

/** `POST /api/uploads/presigned`: the bytes go straight to the object store, of which the client gets a URL. */
export const presignUpload =
  ({ uploads, reservations, mostUploadBytes }: RouteDependencies) =>
  async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const { filename, size_bytes } = await jsonBody(ctx, PresignedRequest);
    if (size_bytes > mostUploadBytes)
      throw new AppError('payload_too_large', `An upload may have at most ${mostUploadBytes} bytes`);
    const id = randomUUID();
    const asked = {
      id,
      account_id: identity.account_id,
      kind: 'presigned' as const,
      filename: cleanFilename(filename),
      job_id: uuidv7(),
      size_bytes,
    };
    const seconds = Math.max(1, Math.min(LONGEST_S, Math.floor(uploads.expiryMs / 1000)));
    const { url, headers } = await uploads.bytes.presign(asked, size_bytes, seconds);
    const upload = await uploads.table.add(asked, uploads.expiryMs);
    try {
      await reservations.reserve(uploads.holder(upload, identity), size_bytes);
    } catch (error) {
      await uploads.table.remove(id);
      throw error;
    }
    ctx.status = 201;
    ctx.body = {
      upload_id: id,
      method: 'PUT',
      url,
      headers,
      expires_at: upload.expires_at.toISOString(),
    } satisfies z.infer<typeof PresignedUpload>;
  };
