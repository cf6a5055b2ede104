import { randomUUID } from 'node:crypto';
import { link, mkdir, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import {
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
} from '@transcodeflow/shared/objects/object-store.ts';
import { overriding } from '@transcodeflow/shared/objects/overriding.ts';
import { LRUCache } from 'lru-cache';

/** Objects of a deleted job are not to outlive it for long. */
const UNUSED_MS = 600_000;

export interface ObjectCache {
  /** The store; `localFile` links a file that was fetched before, where the store still has the same object. */
  objects: ObjectStore;
  /** Removes all that is kept, where the disk has no room for it. What tasks have linked stays theirs. */
  clear(): Promise<void>;
}

interface Kept {
  path: string;
  etag: string;
}

/**
 * Keeps what tasks fetch whole for the next task that needs it: a source is read by up to four tasks of its job, each
 * rendition by two. Only what came from the store is kept, never what a task is about to store, so that the output gate
 * judges stored bytes. Each use asks the store for the object's ETag: what was removed or replaced there is not used.
 * @param folder on the file system of the work folders; made when needed
 * @param most_bytes of all files together; the least recently used go first
 * @param unused_ms another time only in tests
 */
export function cacheObjects(
  store: ObjectStore,
  folder: string,
  most_bytes: number,
  unused_ms = UNUSED_MS,
): ObjectCache {
  if (store.filesInPlace || most_bytes < 1) return { objects: store, clear: async () => {} };
  const removals = new Set<Promise<void>>();
  const kept = new LRUCache<string, Kept>({
    maxSize: Math.floor(most_bytes),
    ttl: unused_ms,
    ttlAutopurge: true,
    updateAgeOnGet: true,
    dispose({ path }) {
      const removal: Promise<void> = rm(path, { force: true })
        .catch(() => undefined)
        .finally(() => removals.delete(removal));
      removals.add(removal);
    },
  });

  async function keep({ key, etag, size }: ObjectInfo, file: string): Promise<void> {
    if (size < 1 || size > most_bytes) return;
    const path = join(folder, randomUUID());
    await mkdir(folder, { recursive: true }).catch(() => undefined);
    if (await isLinked(file, path)) kept.set(key, { path, etag }, { size });
  }

  async function infoOf(key: string, signal: AbortSignal | undefined): Promise<ObjectInfo> {
    const info = await store.head(key, { signal });
    signal?.throwIfAborted();
    if (info) return info;
    kept.delete(key);
    throw new ObjectNotFoundError(key);
  }

  async function linkOf({ key, etag }: ObjectInfo, workFolder: string): Promise<string | undefined> {
    const found = kept.get(key);
    if (found?.etag !== etag) return undefined;
    // Tools judge by the extension.
    const file = join(workFolder, `${randomUUID()}${extname(key)}`);
    return (await isLinked(found.path, file)) ? file : undefined;
  }

  async function localFile(key: string, workFolder: string, signal?: AbortSignal): Promise<string> {
    const info = await infoOf(key, signal);
    const link = await linkOf(info, workFolder);
    if (link) return link;
    const file = await store.localFile(key, workFolder, signal);
    await keep(info, file);
    return file;
  }

  return {
    objects: overriding(store, { localFile }),
    async clear() {
      kept.clear();
      await Promise.all(removals);
    },
  };
}

/** False where the file has gone meanwhile, or the file system has no links: then it is fetched, as without a cache. */
const isLinked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    () => false,
  );
