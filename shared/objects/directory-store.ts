import { type BigIntStats, constants, createReadStream } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { clampRange } from './byte-range.ts';
import { contentTypeOf } from './content-type.ts';
import { errorCode } from './directory/error-code.ts';
import { ensureRealFolder, pruneEmptyFolders } from './directory/real-folder.ts';
import { syncFolder } from './directory/sync-folder.ts';
import { TempNames } from './directory/temp-names.ts';
import { walkKeys } from './directory/walk-keys.ts';
import { assertObjectKey } from './object-key.ts';
import {
  type ByteRange,
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
  type PutOptions,
} from './object-store.ts';

/** `link` refuses: another file system, too many links, no links there, or not this user's file. */
const CANNOT_LINK = new Set(['EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EACCES']);
/** Nothing of that key: no entry, a file where a folder would have to be or the reverse, or a link. */
const NO_SUCH_FILE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']);

/**
 * Objects as files below `root`, which is made if missing. Written to `root/.tmp`, synced, then renamed:
 * readers see the old object or the new one, also after a power cut. Processes of one machine may share a
 * root. Where S3 has no folders this has: an object `a` and an object `a/b` cannot both exist. The content
 * type is always the one of the key's extension.
 */
export async function openDirectoryStore(root: string): Promise<ObjectStore> {
  await mkdir(root, { recursive: true });
  const realRoot = await realpath(root);
  const temps = new TempNames(path.join(realRoot, '.tmp'));
  await temps.sweep();
  return new DirectoryStore(realRoot, temps);
}

class DirectoryStore implements ObjectStore {
  readonly filesInPlace = true;
  readonly #root: string;
  readonly #temps: TempNames;
  /** Folders that objects are being placed in: removals would win every race against several `mkdir`s. */
  readonly #wanted: string[] = [];

  constructor(root: string, temps: TempNames) {
    this.#root = root;
    this.#temps = temps;
  }

  async put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    const target = this.#pathOf(key);
    const { signal, size } = options;
    return this.#temps.use(async (temp) => {
      // Open before the first byte: an abort must not race with a file that is only just being made.
      await using handle = await open(temp, 'wx');
      if (signal) addAbortSignal(signal, body);
      await handle.writeFile(body);
      const written = (await handle.stat()).size;
      if (size !== undefined && written !== size) {
        throw new Error(`Object ${key} was announced with ${size} bytes, ${written} came`);
      }
      await handle.sync();
      signal?.throwIfAborted();
      return this.#publish(key, temp, target);
    });
  }

  async putFile(key: string, source: string, options: Omit<PutOptions, 'size'> = {}): Promise<ObjectInfo> {
    const target = this.#pathOf(key);
    options.signal?.throwIfAborted();
    const linked = await this.#temps.use(async (temp) => {
      if (!(await lstat(source)).isFile()) return undefined;
      try {
        await link(source, temp);
      } catch (error) {
        if (CANNOT_LINK.has(errorCode(error) ?? '')) return undefined;
        throw error;
      }
      await using handle = await open(temp, 'r');
      await handle.sync();
      return this.#publish(key, temp, target);
    });
    return linked ?? this.put(key, createReadStream(source), options);
  }

  async get(key: string, options: { range?: ByteRange; signal?: AbortSignal } = {}) {
    const { range, signal } = options;
    signal?.throwIfAborted();
    const { handle, info } = await this.#open(key);
    try {
      const part = range && clampRange(range, info.size);
      return { info, body: handle.createReadStream({ ...part, signal }) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const { handle, info } = await this.#open(key);
      await handle.close();
      return info;
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
    if (folder !== '' && !(await this.#isInside(this.#pathOf(folder)))) return;
    for await (const key of walkKeys(this.#root, prefix)) {
      const info = await this.head(key);
      if (info) yield info;
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    const targets = keys.map((key) => this.#pathOf(key));
    for (const target of targets) {
      const folder = path.dirname(target);
      if (!(await this.#isInside(folder))) continue;
      await unlink(target).catch((error: unknown) => {
        if (!NO_SUCH_FILE.has(errorCode(error) ?? '')) throw error;
      });
      await this.#prune(folder);
    }
  }

  /** What a killed process was writing is under a name of its own, and goes when the store is next opened. */
  async removeUnfinished(): Promise<void> {
    await this.#temps.sweep();
  }

  async localFile(key: string, _folder: string, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    if (!(await this.head(key))) throw new ObjectNotFoundError(key);
    return this.#pathOf(key);
  }

  /** By hard link: a stored file is never written to again. */
  async copy(from: string, to: string, options: { signal?: AbortSignal } = {}): Promise<ObjectInfo> {
    return this.putFile(to, await this.localFile(from, this.#root), options).catch((error: unknown) => {
      throw NO_SUCH_FILE.has(errorCode(error) ?? '')
        ? new ObjectNotFoundError(from, { cause: error })
        : error;
    });
  }

  async ping(): Promise<void> {
    if (!(await stat(this.#temps.folder)).isDirectory())
      throw new Error(`${this.#temps.folder} is not a folder`);
  }

  async close(): Promise<void> {}

  #pathOf(key: string): string {
    assertObjectKey(key);
    if (key === '.tmp' || key.startsWith('.tmp/'))
      throw new TypeError(`Object key ${key} is taken by the store itself`);
    return path.join(this.#root, key);
  }

  /** False where the folder is missing or is reached through a symbolic link. */
  async #isInside(folder: string): Promise<boolean> {
    try {
      return (await realpath(folder)) === folder;
    } catch (error) {
      if (NO_SUCH_FILE.has(errorCode(error) ?? '')) return false;
      throw error;
    }
  }

  /** The open file and what it is, of one moment: a `put` in between does not mix two objects. */
  async #open(key: string): Promise<{ handle: FileHandle; info: ObjectInfo }> {
    const target = this.#pathOf(key);
    if (!(await this.#isInside(path.dirname(target)))) throw new ObjectNotFoundError(key);
    let handle: FileHandle | undefined;
    try {
      handle = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) return { handle, info: infoOf(key, stats) };
    } catch (error) {
      await handle?.close();
      if (NO_SUCH_FILE.has(errorCode(error) ?? '')) throw new ObjectNotFoundError(key, { cause: error });
      throw error;
    }
    await handle.close();
    throw new ObjectNotFoundError(key);
  }

  async #publish(key: string, temp: string, target: string): Promise<ObjectInfo> {
    const info = infoOf(key, await stat(temp, { bigint: true }));
    const folder = path.dirname(target);
    this.#wanted.push(folder);
    try {
      for (let isPlaced = false; !isPlaced; ) {
        await ensureRealFolder(folder);
        isPlaced = await renameInto(temp, target);
      }
      await syncFolder(folder);
      return info;
    } finally {
      this.#wanted.splice(this.#wanted.indexOf(folder), 1);
    }
  }

  async #prune(folder: string): Promise<void> {
    const isWanted = (pruned: string) => this.#wanted.some((wanted) => `${wanted}/`.startsWith(`${pruned}/`));
    await pruneEmptyFolders(folder, this.#root, isWanted);
  }
}

/** False when the folder was pruned just before, by another process or a removal that had begun already. */
async function renameInto(temp: string, target: string): Promise<boolean> {
  try {
    await rename(temp, target);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && (await exists(temp))) return false;
    throw error;
  }
}

function infoOf(key: string, stats: BigIntStats): ObjectInfo {
  return {
    key,
    size: Number(stats.size),
    etag: [stats.size, stats.mtimeNs, stats.ino].map((part) => part.toString(16)).join('-'),
    lastModified: stats.mtime,
    contentType: contentTypeOf(key),
  };
}

function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
