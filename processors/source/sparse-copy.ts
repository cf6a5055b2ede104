import { type FileHandle, open } from 'node:fs/promises';
import {
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
} from '@transcodeflow/shared/objects/object-store.ts';
import { TaskError } from '../task-error.ts';

/** Small against what a chunk reads, large against the 10 to 50 ms that an S3 store takes to answer. */
export const BLOCK = 512 * 1_024;

/** The store has tried again by itself before; together they end before ffmpeg counts as stalled. */
const TRIES = 2;
const TRY_MS = 45_000;

/**
 * What was read of a stored object so far, in a file full of holes: no byte is fetched twice, and none is held in memory.
 * Every block is whole before it is read, and of the object that was opened.
 */
export class SparseCopy {
  readonly size: number;
  readonly #objects: ObjectStore;
  readonly #info: ObjectInfo;
  readonly #file: FileHandle;
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  /** By number; there, or on the way. */
  readonly #blocks = new Map<number, Promise<void>>();

  private constructor(objects: ObjectStore, info: ObjectInfo, file: FileHandle, signal: AbortSignal) {
    this.#objects = objects;
    this.#info = info;
    this.#file = file;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
    this.size = info.size;
  }

  /** @param path of the file to make @throws {ObjectNotFoundError} */
  static async open(
    objects: ObjectStore,
    key: string,
    path: string,
    signal: AbortSignal,
  ): Promise<SparseCopy> {
    signal.throwIfAborted();
    const info = await objects.head(key);
    if (!info) throw new ObjectNotFoundError(key);
    return new SparseCopy(objects, info, await open(path, 'wx+'), signal);
  }

  /**
   * The bytes from `start` to the end of its block.
   * @param ahead how many blocks to fetch at once where this one is missing
   * @throws {ObjectNotFoundError} @throws {TaskError} `source_changed`
   */
  async read(start: number, ahead: number): Promise<Buffer> {
    const block = Math.floor(start / BLOCK);
    await this.#have(block, ahead);
    const bytes = Buffer.allocUnsafe(Math.min((block + 1) * BLOCK, this.size) - start);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, start);
    if (bytesRead !== bytes.length) throw new Error(`${this.#info.key}: a block was cut off on this disk`);
    return bytes;
  }

  /** Begins to fetch what is missing of the next blocks; a failure shows when they are read. */
  prefetch(start: number, ahead: number): void {
    const next = Math.floor(start / BLOCK) + 1;
    for (let block = next; block < next + ahead && block * BLOCK < this.size; block += 1) {
      if (this.#blocks.has(block)) continue;
      this.#have(block, ahead).catch(() => {});
      return;
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.allSettled(this.#blocks.values());
    await this.#file.close();
  }

  #have(first: number, ahead: number): Promise<void> {
    const known = this.#blocks.get(first);
    if (known) return known;
    let end = first + 1;
    while (end < first + ahead && end * BLOCK < this.size && !this.#blocks.has(end)) end += 1;
    const fetched = this.#fetch(first * BLOCK, Math.min(end * BLOCK, this.size) - 1).catch(
      (error: unknown) => {
        for (let block = first; block < end; block += 1) this.#blocks.delete(block);
        throw error;
      },
    );
    for (let block = first; block < end; block += 1) this.#blocks.set(block, fetched);
    return fetched;
  }

  async #fetch(start: number, end: number): Promise<void> {
    for (let tried = 1; ; tried += 1)
      try {
        await this.#tryFetch(start, end);
        return;
      } catch (error) {
        const isLost = error instanceof ObjectNotFoundError || error instanceof TaskError;
        if (isLost || tried >= TRIES || this.#signal.aborted) throw error;
      }
  }

  async #tryFetch(start: number, end: number): Promise<void> {
    const { key, etag } = this.#info;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TRY_MS)]);
    const { info, body } = await this.#objects
      .get(key, { range: { start, end }, signal })
      .catch((error: unknown) => {
        throw error instanceof RangeError ? changed(key, `it has no byte ${start} any more`) : error;
      });
    let at = start;
    if (info.etag !== etag || info.size !== this.size) {
      body.destroy();
      throw changed(key, `it was ${etag} of ${this.size} bytes and is ${info.etag} of ${info.size}`);
    }
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (at + chunk.length > end + 1)
        throw new Error(`${key}: the store sent more than bytes ${start} to ${end}`);
      await this.#file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
    if (at !== end + 1) throw new Error(`${key}: of bytes ${start} to ${end} the store sent ${at - start}`);
  }
}

const changed = (key: string, detail: string) =>
  new TaskError({
    code: 'source_changed',
    message: 'The video was replaced while it was being read.',
    detail: `${key}: ${detail}`,
    retryable: true,
  });
