import { randomUUID } from 'node:crypto';
import { TusCreation } from '@transcodeflow/shared/contracts/rest/uploads.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext, Identity } from '@transcodeflow/shared/http/app-state.ts';
import { Metadata } from '@tus/server';
import { v7 as uuidv7 } from 'uuid';
import { cleanFilename } from '../../uploads/clean-filename.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { receiveChunk } from './receive-chunk.ts';
import { requireTus } from './tus-headers.ts';

/** `POST /api/uploads`: an upload begins, with its first bytes or without. What is refused leaves nothing. */
export const createUpload =
  (dependencies: RouteDependencies) =>
  async (ctx: AppContext): Promise<void> => {
    const { uploads, reservations, mostUploadBytes } = dependencies;
    requireTus(ctx);
    const identity = requireScope(ctx.state.identity, 'write');
    const headers = TusCreation.parse(ctx.headers);
    if (headers['upload-concat'] !== undefined)
      throw new AppError(
        'not_supported',
        'Uploads are not joined here; switch parallel uploads off in the client',
      );
    const size = headers['upload-length'];
    if (size !== undefined && size > mostUploadBytes)
      throw new AppError('payload_too_large', `An upload may have at most ${mostUploadBytes} bytes`);
    const filename = filenameOf(headers['upload-metadata']);

    const upload = await uploads.table.add(newUpload(identity, filename, size ?? null), uploads.expiryMs);
    try {
      const reservation = await reservations.reserve(uploads.holder(upload, identity), size ?? 0);
      await receiveChunk(ctx, dependencies, { upload, reservation, size, offset: 0 });
      // Whoever has hung up never learns where to go on.
      if (ctx.req.destroyed && !ctx.req.complete) throw new Error('The client hung up');
    } catch (error) {
      await uploads.endings
        .discard(upload)
        .catch((failure) => ctx.state.log.warn({ err: failure }, 'could not remove a refused upload'));
      throw error;
    }
  };

const newUpload = ({ account_id }: Identity, filename: string, size_bytes: number | null) => ({
  id: randomUUID(),
  account_id,
  kind: 'tus' as const,
  filename,
  job_id: uuidv7(),
  size_bytes,
});

/** @throws {AppError} */
function filenameOf(metadata: string | undefined): string {
  if (!metadata) return 'video';
  try {
    return cleanFilename(Metadata.parse(metadata).filename ?? '');
  } catch (error) {
    throw new AppError('invalid_request', 'Upload-Metadata must be pairs of a key and a base64 value', {
      cause: error,
      fields: { 'upload-metadata': 'not key-value pairs' },
    });
  }
}
