import type { Readable } from 'node:stream';

export interface ObjectInfo {
  key: string;
  size: number;
  /** Opaque; changes with the content. Without quotes. */
  etag: string;
  lastModified: Date;
  contentType: string;
}

/** First and last byte, both inclusive, as in an HTTP Range header. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface PutOptions {
  signal?: AbortSignal;
  /** Bytes, where they are known beforehand: one streaming request instead of parts. */
  size?: number;
  /** Default: by the key's extension. A directory store keeps no other. */
  contentType?: string;
}

/**
 * Bytes by key. Keys are `/`-separated, never start with `/` and never hold `.` or `..` segments.
 * An object appears whole or not at all: a `put` that fails or is aborted leaves nothing behind.
 */
export interface ObjectStore {
  /** Streams `body` up without holding it in memory. Replaces an object of the same key. */
  put(key: string, body: Readable, options?: PutOptions): Promise<ObjectInfo>;
  /**
   * `info` is of the whole object, also with a `range`; a range's end may lie past the last byte.
   * @throws {ObjectNotFoundError}
   * @throws {RangeError} when the range begins after the last byte
   */
  get(
    key: string,
    options?: { range?: ByteRange; signal?: AbortSignal },
  ): Promise<{ info: ObjectInfo; body: Readable }>;
  head(key: string, options?: { signal?: AbortSignal | undefined }): Promise<ObjectInfo | undefined>;
  /** In the order of the keys' UTF-8 bytes. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Keys that do not exist are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /**
   * Removes what is left of puts of these keys that ended with their process; objects and other keys are left alone. To
   * be called when nobody writes them any more: a put that is under way fails.
   */
  removeUnfinished(keys: readonly string[]): Promise<void>;
  /**
   * A local file with the object's bytes, for tools that want a path. A directory store answers with the
   * stored file itself (no copy); others download into `folder`. The file must not be written to.
   * @throws {ObjectNotFoundError}
   */
  localFile(key: string, folder: string, signal?: AbortSignal): Promise<string>;
  /** Whether `localFile` makes no copy. */
  readonly filesInPlace?: true;
  /** Uploads a file. A directory store may take it by hard link: the file must not be written to afterwards. */
  putFile(key: string, path: string, options?: Omit<PutOptions, 'size'>): Promise<ObjectInfo>;
  /**
   * Within the store, without the bytes passing through here. Replaces an object of the key `to`.
   * @throws {ObjectNotFoundError}
   */
  copy(from: string, to: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo>;
  /** Rejects when the store cannot be reached or the bucket is missing. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export class ObjectNotFoundError extends Error {
  override name = 'ObjectNotFoundError';
  readonly key: string;
  constructor(key: string, options?: ErrorOptions) {
    super(`No object ${key} in the object store`, options);
    this.key = key;
  }
}
