import type { Readable } from 'node:stream';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { S3Settings } from '@transcodeflow/shared/objects/s3/connection.ts';
import { type MetadataValue, S3Store } from '@tus/s3-store';
import { ERRORS, type Upload } from '@tus/server';

const MiB = 2 ** 20;
/** Parts of one request in flight, each in a temporary file: the store's own limit is one for all clients together,
 * and a part counts from its first byte, so that a few stalled clients would stop everybody. */
const PARTS_OF_ONE_REQUEST = 4;

/** Nothing is remembered between requests: another instance may have changed it. */
const noCache = {
  get: async (): Promise<MetadataValue | undefined> => undefined,
  set: async () => {},
  delete: async () => {},
};

const options = ({ endpoint, accessKey, secretKey, bucket, region = 'us-east-1' }: S3Settings) => ({
  partSize: 8 * MiB,
  useTags: false,
  maxConcurrentPartUploads: PARTS_OF_ONE_REQUEST,
  cache: noCache,
  s3ClientConfig: {
    bucket,
    endpoint,
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
  },
});

/** @tus/s3-store made safe for several instances, many clients at once and removal of finished uploads. */
export class S3UploadStore extends S3Store {
  readonly #settings: S3Settings;
  readonly #objects: ObjectStore;
  readonly #mostBytes: number;

  constructor(settings: S3Settings, objects: ObjectStore, mostBytes: number) {
    super(options(settings));
    this.#settings = settings;
    this.#objects = objects;
    this.#mostBytes = mostBytes;
    // From it the package derives the size of parts where the client has not said how many bytes will come.
    Object.assign(this, { maxUploadSize: mostBytes });
  }

  override async write(body: Readable, name: string, offset: number): Promise<number> {
    try {
      return await this.#ofOneRequest().#writeParts(body, name, offset);
    } catch (error) {
      // A repeated last PATCH, empty: the parts are one object already.
      const upload = await this.getUpload(name).catch(() => undefined);
      if (upload?.size === offset && upload.offset === offset) return offset;
      throw error;
    }
  }

  /** The parts become an object, if a crash came between the last part and that. */
  async complete(name: string, upload: Upload): Promise<void> {
    if (await this.#objects.head(name)) return;
    const parts = await this.retrieveParts(name);
    await this.finishMultipartUpload(await this.getMetadata(name), parts);
    if (!(await this.#objects.head(name)))
      throw new Error(`${name} was completed with ${upload.offset} bytes and is not there`);
  }

  /** Also of a finished upload, whose parts are an object: the package's own stops at the parts. */
  override async remove(name: string): Promise<void> {
    await super.remove(name).catch((error: unknown) => {
      if (error !== ERRORS.FILE_NOT_FOUND) throw error;
    });
    await this.#objects.remove([name, ...leftovers(name)]);
  }

  close(): void {
    this.client.destroy();
  }

  #writeParts(body: Readable, name: string, offset: number): Promise<number> {
    return super.write(body, name, offset);
  }

  #ofOneRequest(): S3UploadStore {
    const store = new S3UploadStore(this.#settings, this.#objects, this.#mostBytes);
    store.client.destroy();
    store.client = this.client;
    return store;
  }
}

/** What the store keeps beside an upload's parts. */
export const leftovers = (name: string): string[] => [`${name}.info`, `${name}.part`];
