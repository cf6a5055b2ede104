import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { extname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange, ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { overriding } from '@transcodeflow/shared/objects/overriding.ts';

export interface RemoteStore extends ObjectStore {
  /** Of one key: how often it was asked for, and what it sent. */
  sent(key: string): { requests: number; bytes: number };
  reset(): void;
  /** Comes before each answer; may throw or change what is sent. */
  onGet: (key: string, range: ByteRange | undefined, body: Readable) => Readable | Promise<Readable>;
}

/** A store whose files are not on this machine, as S3's, and that counts what it sends. */
export function remoteStore(objects: ObjectStore): RemoteStore {
  const counts = new Map<string, { requests: number; bytes: number }>();
  const countOf = (key: string) => {
    const count = counts.get(key) ?? { requests: 0, bytes: 0 };
    counts.set(key, count);
    return count;
  };
  const calls: Pick<ObjectStore, 'get' | 'localFile'> = {
    async get(key, options = {}) {
      const count = countOf(key);
      count.requests += 1;
      const { info, body } = await objects.get(key, options);
      const counted = new PassThrough();
      counted.on('data', (chunk: Buffer) => {
        count.bytes += chunk.length;
      });
      counted.pause();
      pipeline(await remote.onGet(key, options.range, body), counted).catch(() => {});
      return { info, body: counted };
    },
    async localFile(key, folder, signal) {
      const { body } = await remote.get(key, { ...(signal && { signal }) });
      const path = join(folder, `${randomUUID()}${extname(key)}`);
      await pipeline(body, createWriteStream(path, { flags: 'wx' }));
      return path;
    },
  };
  const remote: RemoteStore = {
    ...overriding(objects, calls),
    sent: countOf,
    reset: () => counts.clear(),
    onGet: (_key, _range, body) => body,
  };
  return remote;
}
