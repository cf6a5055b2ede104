import { PassThrough, type Readable } from 'node:stream';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { checkedBody, parseChecksum } from '../../resumable/checked-body.ts';
import { meteredBody } from '../../resumable/metered-body.ts';
import { tusRequest } from '../../resumable/tus-request.ts';
import type { StoredUpload } from '../../resumable/upload-table.ts';
import type { Reservation } from '../../storage/reservations.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { drain } from './drain.ts';
import { answerWith } from './tus-headers.ts';

/** An upload on which bytes come expires so much later at least as often. */
const RENEW_MS = 60_000;
/** A body with a checksum waits on disk until it proved right. */
const MOST_CHECKED_BYTES = 256 * 2 ** 20;
export const CHUNK_TYPE = 'application/offset+octet-stream';

export interface Chunk {
  upload: StoredUpload;
  /** None of an upload that is finished already. */
  reservation: Reservation | undefined;
  /** Of the whole upload; undefined as long as the client has not said it. */
  size: number | undefined;
  /** Where the upload is: bytes that are there and reserved. */
  offset: number;
}

/** Hands a request to the tus server, with its body checked or metered, and keeps the upload alive meanwhile. */
export async function receiveChunk(
  ctx: AppContext,
  { uploads, mostUploadBytes }: Pick<RouteDependencies, 'uploads' | 'mostUploadBytes'>,
  { upload, reservation, size, offset }: Chunk,
): Promise<void> {
  const { table, bytes, tus, expiryMs } = uploads;
  const { body, refusal } = await bodyOf();
  let seen = ctx.req.socket.bytesRead;
  const renewing = setInterval(
    () => {
      if (seen === ctx.req.socket.bytesRead) return;
      seen = ctx.req.socket.bytesRead;
      Promise.all([table.touch(upload.id, expiryMs), reservation?.renew()]).catch((error) =>
        ctx.state.log.warn({ err: error }, 'could not renew an upload'),
      );
    },
    Math.min(RENEW_MS, expiryMs / 4),
  );
  try {
    const response = await tus.handle({
      request: tusRequest(ctx, body),
      uploadId: upload.id,
      name: bytes.name(upload),
      async onFinish() {
        await table.setFinished(upload.id);
        // Refused where another request took the reservation over meanwhile: then the bytes stay counted as reserved.
        if (size !== undefined)
          await reservation
            ?.settle(size)
            .catch((error) => ctx.state.log.debug({ err: error }, 'could not settle an upload'));
      },
    });
    answerWith(ctx, response, await table.touch(upload.id, expiryMs));
  } catch (error) {
    throw refusal() ?? error;
  } finally {
    clearInterval(renewing);
    body?.destroy();
    drain(ctx.req);
  }

  async function bodyOf(): Promise<{ body: Readable | undefined; refusal: () => unknown }> {
    const none = () => undefined;
    if (!ctx.is(CHUNK_TYPE)) return { body: undefined, refusal: none };
    const checksum = ctx.get('Upload-Checksum');
    if (checksum) {
      const left = Math.min((size ?? mostUploadBytes) - offset, MOST_CHECKED_BYTES);
      if (Number(ctx.get('Content-Length')) > left)
        throw new AppError(
          'payload_too_large',
          `The upload takes ${left} more bytes at once with a checksum`,
        );
      return { body: await checkedBody(ctx.req, parseChecksum(checksum), left), refusal: none };
    }
    // Never the request itself: whoever gives a body up would destroy it, and the connection with it.
    const piped =
      size === undefined && reservation
        ? meteredBody(offset, mostUploadBytes, (total) => reservation.grow(total))
        : new PassThrough();
    // The tus server makes an interruption of every error of a body.
    let refusal: unknown;
    piped.once('error', (error) => {
      refusal = error;
    });
    // A short body may all have come, and be destroyed before anybody read it: no event follows then.
    const onClose = () => {
      if (!ctx.req.readableEnded)
        piped.destroy(new Error('The connection was closed before the chunk was whole'));
    };
    if (ctx.req.destroyed) onClose();
    else
      ctx.req
        .once('error', (error) => piped.destroy(error))
        .once('close', onClose)
        .pipe(piped);
    return { body: piped, refusal: () => (refusal instanceof AppError ? refusal : undefined) };
  }
}
