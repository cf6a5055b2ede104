import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { sourceKey, uploadedThumbnailKey, uploadedWatermarkKey } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { multipart } from 'formidable';
import { koaBody } from 'koa-body';
import type { Holding } from '../storage/holding.ts';
import { cleanFilename } from './clean-filename.ts';
import { tellFilesByName } from './file-parts.ts';
import { asRefusal } from './refusal.ts';
import { refusingStream } from './refusing-stream.ts';
import { imageOnly, mediaOnly, type Sniffed } from './sniff.ts';
import { type StoredPart, storePart } from './store-part.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Where the file of each field goes. */
const KEYS = { file: sourceKey, thumbnail: uploadedThumbnailKey, watermark: uploadedWatermarkKey };
const MOST_FIELDS = 20;
/** Of all text fields together. */
export const MOST_FIELD_BYTES = 64 * 1024;
/** Of everything that is no file: fields, and the parts' headers, which formidable keeps in memory without a limit. */
const MOST_BESIDE_FILES = MOST_FIELD_BYTES + 64 * 1024;

export interface Upload {
  source: ObjectRef;
  thumbnail?: ObjectRef;
  watermark?: ObjectRef;
  /** What `file` is by its first bytes. */
  sniffed: Sniffed;
  filename: string;
  /** The other fields, as text. */
  fields: Readonly<Record<string, string>>;
  /** The same for the same files, names and fields, however they were put into a body. */
  fingerprint: string;
  /** Removes what was stored and gives its bytes back: for uploads that do not become a job. */
  discard(): Promise<void>;
}

interface Part {
  name: string;
  key: string;
  stored: StoredPart;
  contentType: string;
}

/**
 * Receives a multipart body with a `file`, an optional `thumbnail` and `watermark`: each goes straight into the object store, the
 * bytes are never whole in memory or on a temporary disk.
 * @param holding counts the bytes before they are stored; released when the upload is refused
 * @throws {AppError} nothing is left in the store then, and nothing reserved
 */
export async function receiveUpload(
  ctx: AppContext,
  objects: Pick<ObjectStore, 'put' | 'remove'>,
  jobId: string,
  mostBytes: number,
  holding?: Holding,
): Promise<Upload> {
  const parts: Part[] = [];
  let current = { name: '', filename: '' };
  let filename: string | undefined;
  let sniffed: Sniffed | undefined;
  const onSniffed = (found: Sniffed) => {
    sniffed = found;
  };
  let refusal: AppError | undefined;
  const hangUp = new AbortController();
  // A short body may all have come, and be destroyed before anybody read it.
  const onClose = () => {
    if (!ctx.req.readableEnded)
      hangUp.abort(new AppError('invalid_request', 'The connection was closed before the upload was whole'));
  };
  if (ctx.req.destroyed) onClose();
  ctx.req.once('close', onClose);

  const stop = holding ? AbortSignal.any([hangUp.signal, holding.signal]) : hangUp.signal;
  holding?.watch(
    () => (ctx.req.complete && !ctx.req.destroyed) || parts.some(({ stored }) => isBusy(stored.stream)),
  );

  const discard = async () => {
    hangUp.abort(new Error('The upload was refused'));
    // formidable ends only those that it had opened when it found the fault: one of a short body can come later.
    for (const { stored } of parts) stored.stream.destroy();
    await Promise.all(parts.map((part) => part.stored.settled));
    try {
      // Whoever has taken the reservation over may be storing objects of the same keys.
      await holding?.reservation.renew();
      if (parts.length > 0) await objects.remove(parts.map((part) => part.key));
      await holding?.reservation.release();
    } catch (error) {
      ctx.state.log.warn({ err: error }, 'could not remove a refused upload; the janitor will');
    }
  };

  // formidable lets an error that is thrown here go unhandled, which would end the process.
  let received = 0;
  const meterRest = (chunk: Buffer) => {
    const beside = received - parts.reduce((sum, { stored }) => sum + stored.given(), 0);
    received += chunk.length;
    // A file that was refused takes no more bytes: they are read past.
    if (beside <= MOST_BESIDE_FILES || parts.some(({ stored }) => stored.stream.destroyed) || refusal) return;
    refusal = new AppError('payload_too_large', 'The fields and the headers of the parts are too long');
    hangUp.abort(refusal);
  };
  // Not before the parser listens: whoever listens first sets the bytes flowing.
  const onListener = (event: string | symbol) => {
    if (event !== 'data') return;
    ctx.req.off('newListener', onListener);
    ctx.req.on('data', meterRest);
  };
  ctx.req.on('newListener', onListener);

  const refusePart = (detail: string): Writable => {
    refusal ??= new AppError('invalid_request', detail);
    return refusingStream(refusal);
  };

  const openPart = (): Writable => {
    const { name } = current;
    if (parts.some((part) => part.name === name)) return refusePart(`The field "${name}" was sent twice`);
    const isVideo = name === 'file';
    if (name !== 'file' && name !== 'thumbnail' && name !== 'watermark')
      return refusePart(`Unknown file field "${name}"`);
    const key = KEYS[name](jobId);
    const contentType = 'application/octet-stream';
    const check = name === 'file' ? mediaOnly(onSniffed) : imageOnly(name);
    const stored = storePart(objects, key, contentType, check, stop, holding?.take);
    if (isVideo) filename = cleanFilename(current.filename);
    parts.push({ name, key, stored, contentType });
    return stored.stream;
  };

  const parse = koaBody({
    multipart: true,
    json: false,
    text: false,
    urlencoded: false,
    formidable: {
      // The others would have a part in it, too, by a mere word in the boundary.
      enabledPlugins: [multipart, tellFilesByName(Object.keys(KEYS))],
      maxFileSize: mostBytes,
      maxTotalFileSize: mostBytes,
      maxFields: MOST_FIELDS,
      maxFieldsSize: MOST_FIELD_BYTES,
      onFileBegin: (name, file) => {
        current = { name, filename: file.originalFilename ?? '' };
      },
      fileWriteStreamHandler: openPart,
    },
  });

  try {
    if (!ctx.is('multipart/form-data'))
      throw new AppError(
        'unsupported_media_type',
        'Send the video as multipart/form-data in the field "file"',
      );
    await unlessAborted(stop, () => parse(ctx, async () => {}));
    if (refusal) throw refusal;
    const refs = new Map<string, ObjectRef>();
    const hashes: Record<string, string> = {};
    for (const { name, key, stored, contentType } of parts) {
      const outcome = await stored.settled;
      if ('error' in outcome) throw outcome.error;
      hashes[name] = outcome.sha256;
      refs.set(name, { key, size_bytes: outcome.info.size, content_type: contentType });
    }
    const source = refs.get('file');
    if (!source || filename === undefined || !sniffed)
      throw new AppError('invalid_request', 'The field "file" with the video is missing');
    const thumbnail = refs.get('thumbnail');
    const watermark = refs.get('watermark');
    const fields = textFields(ctx.request.body);
    return {
      source,
      sniffed,
      ...(thumbnail ? { thumbnail } : {}),
      ...(watermark ? { watermark } : {}),
      filename,
      fields,
      fingerprint: fingerprintOf({ filename, hashes, fields }),
      discard,
    };
  } catch (error) {
    await discard();
    throw refusal ?? holding?.signal.reason ?? asRefusal(error, mostBytes);
  }
}

/** Bytes that wait for the store: it is not the client who is slow. */
const isBusy = (stream: Writable) =>
  stream.writableLength > 0 || (stream.writableEnded && !stream.writableFinished && !stream.destroyed);

const fingerprintOf = ({
  filename,
  hashes,
  fields,
}: {
  filename: string;
  hashes: object;
  fields: object;
}): string => {
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([filename, sorted(hashes), sorted(fields)]))
    .digest('hex');
};

/** @throws {AppError} for a field that was sent twice: which one counts is anybody's guess */
function textFields(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {};
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string')
      throw new AppError('invalid_request', `The field "${name}" was sent twice`);
    fields[name] = value;
  }
  return fields;
}
