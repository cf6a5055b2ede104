import { randomUUID } from 'node:crypto';
import { extname, join } from 'node:path';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { serveSource } from './source-server.ts';
import { SparseCopy } from './sparse-copy.ts';

export interface OpenSource extends AsyncDisposable {
  /** For `untrustedInput` and `untrustedProbe`: a path, or an address on this machine. */
  place: string;
  /** The task's, and aborted with the store's error when the object could not be read on. */
  signal: AbortSignal;
}

/** Of the task that reads. */
interface Reader {
  objects: ObjectStore;
  workFolder: string;
  signal: AbortSignal;
  tools: Pick<MediaTools, 'http'>;
}

/**
 * Opens a stored object for a task that reads a part of it: only about what ffmpeg reads is fetched, once, into the work
 * folder. Where the store's files are on this machine, it is the file itself.
 *
 * ffmpeg ends with status 0 where its input breaks off. Hence whoever reads must use this `signal`: a run during which the
 * store failed rejects with the store's error, whatever ffmpeg made of it.
 * @throws {ObjectNotFoundError}
 */
export async function openSource(
  key: string,
  { objects, workFolder, signal, tools }: Reader,
): Promise<OpenSource> {
  if (objects.filesInPlace || !tools.http)
    return {
      place: await objects.localFile(key, workFolder, signal),
      signal,
      [Symbol.asyncDispose]: async () => {},
    };
  const failed = new AbortController();
  const extension = extname(key);
  // Tools judge by the extension, too.
  const suffix = /^\.\w{1,8}$/.test(extension) ? extension : '';
  const copy = await SparseCopy.open(objects, key, join(workFolder, `source-${randomUUID()}`), signal);
  const server = await serveSource(copy, suffix, (error) => failed.abort(error));
  return {
    place: server.url,
    signal: AbortSignal.any([signal, failed.signal]),
    async [Symbol.asyncDispose]() {
      await server.close();
      await copy.close();
    },
  };
}
