import { createHash } from 'node:crypto';
import { PassThrough, pipeline, type Transform, Writable } from 'node:stream';
import type { ObjectInfo, ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

export interface StoredPart {
  /** Takes the part's bytes; finishes when the object is stored. */
  stream: Writable;
  /** Bytes that it has been given so far. */
  given(): number;
  /** Never rejects: formidable may count a part whose last write failed as complete, so this is to be asked. */
  settled: Promise<{ info: ObjectInfo; sha256: string } | { error: unknown }>;
}

/** Called before so many more bytes are passed on, and awaited where it is a promise. */
export type Meter = (bytes: number) => Promise<void> | undefined;

/**
 * Streams one part of a multipart body through `check` into the object store, at the store's pace and without
 * keeping it anywhere else. Destroying the stream aborts the upload.
 */
export function storePart(
  objects: Pick<ObjectStore, 'put'>,
  key: string,
  contentType: string,
  check: Transform,
  signal: AbortSignal,
  meter: Meter = () => undefined,
): StoredPart {
  const entry = new PassThrough();
  const abort = new AbortController();
  let isStored = false;
  let passedOn = 0;
  const hash = createHash('sha256');
  const checked = pipeline(entry, check, (error) => {
    if (error) abort.abort(error);
  });
  const upload = (async () => {
    await firstByte(check);
    const info = await objects.put(key, checked, {
      contentType,
      signal: AbortSignal.any([signal, abort.signal]),
    });
    isStored = true;
    return info;
  })();
  upload.catch((error) => {
    abort.abort(error);
    entry.destroy(error);
    stream.destroy(error);
  });
  const stream: Writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      // Its callback comes when the check or the store has taken the chunk, and also when they will take no more.
      const pass = () =>
        entry.write(chunk, (error) => {
          if (error) return done(error);
          hash.update(chunk);
          passedOn += chunk.length;
          done();
        });
      const counted = meter(chunk.length);
      if (counted) counted.then(pass, done);
      else pass();
    },
    final: (done) => {
      entry.end();
      upload.then(() => done(), done);
    },
    destroy: (error, done) => {
      if (!isStored) {
        const reason = error ?? new Error('The upload broke off');
        abort.abort(reason);
        entry.destroy(reason);
      }
      done(error);
    },
  });
  return {
    stream,
    given: () => passedOn + stream.writableLength,
    settled: upload.then(
      (info) => ({ info, sha256: hash.digest('hex') }),
      (error: unknown) => ({ error }),
    ),
  };
}

/** The store is not touched before the check has let something through. */
function firstByte(check: Transform): Promise<void> {
  return new Promise((resolve, reject) => {
    check.once('readable', resolve).once('error', reject);
  });
}
