import { TusChunk } from '@transcodeflow/shared/contracts/rest/uploads.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { knownUpload } from '../../resumable/known-upload.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { ownUpload, type UploadContext } from './own-upload.ts';
import { CHUNK_TYPE, receiveChunk } from './receive-chunk.ts';
import { requireTus } from './tus-headers.ts';

/** `HEAD /api/uploads/{id}`: how many bytes are there. */
export const askOffset =
  (dependencies: RouteDependencies) =>
  async (ctx: UploadContext): Promise<void> => {
    requireTus(ctx);
    const { upload } = await ownUpload(ctx, dependencies.uploads.table);
    requireKind(upload.kind);
    await receiveChunk(ctx, dependencies, { upload, reservation: undefined, size: undefined, offset: 0 });
  };

/** `PATCH /api/uploads/{id}`: the next bytes. */
export const sendBytes =
  (dependencies: RouteDependencies) =>
  async (ctx: UploadContext): Promise<void> => {
    const { uploads, reservations, mostUploadBytes } = dependencies;
    requireTus(ctx);
    const { upload, identity } = await ownUpload(ctx, uploads.table);
    requireKind(upload.kind);
    if (!ctx.is(CHUNK_TYPE)) throw new AppError('unsupported_media_type', `Send the bytes as ${CHUNK_TYPE}`);
    const { 'upload-offset': sentOffset, 'upload-length': declared } = TusChunk.parse(ctx.headers);
    if (declared !== undefined && declared > mostUploadBytes)
      throw new AppError('payload_too_large', `An upload may have at most ${mostUploadBytes} bytes`);
    if (upload.is_finished)
      return receiveChunk(ctx, dependencies, {
        upload,
        reservation: undefined,
        size: sentOffset,
        offset: sentOffset,
      });

    // An upload whose length was not known at first holds what it has, and more with every step.
    const known = upload.size_bytes ?? undefined;
    const stored =
      known === undefined
        ? await knownUpload(uploads.bytes.datastore, uploads.bytes.name(upload))
        : { size: known, offset: sentOffset };
    const size = stored.size ?? declared;
    const reservation = await reservations.reserve(uploads.holder(upload, identity), size ?? stored.offset);
    await receiveChunk(ctx, dependencies, { upload, reservation, size, offset: stored.offset });
  };

function requireKind(kind: 'tus' | 'presigned'): void {
  if (kind !== 'tus')
    throw new AppError('invalid_request', 'This upload is one PUT to the object store, not a resumable one');
}
