import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request } from 'undici';
import { assertRange } from './byte-range.ts';
import { contentTypeOf } from './content-type.ts';
import { assertObjectKey } from './object-key.ts';
import {
  type ByteRange,
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
  type PutOptions,
} from './object-store.ts';
import { connectS3, type S3Connection, type S3Settings } from './s3/connection.ts';
import { copyObject } from './s3/copy-object.ts';
import { type MultipartTarget, uploadParts } from './s3/multipart-upload.ts';
import { openBucket } from './s3/open-bucket.ts';
import { PartSource, partSize } from './s3/parts.ts';
import { S3ResponseError } from './s3/s3-error.ts';

/** S3's limit for one PUT is 5 GiB. */
const MAX_SINGLE_PUT = 4 * 2 ** 30;
const URL_LIFETIME_SECONDS = 24 * 3600;

/**
 * Objects in a bucket of MinIO or another S3 store. Bodies travel by presigned URLs with an unsigned payload
 * (integrity is TCP's or TLS's): minio's `putObject` hashes and buffers, at 0.4 of the speed and twice the memory.
 * `list` answers the content type by the key's extension, S3 does not list it.
 * @throws {Error} that names the setting (S3_ENDPOINT, S3_ACCESS_KEY …) when it cannot be used as configured
 */
export async function openS3Store(settings: S3Settings): Promise<ObjectStore> {
  const connection = connectS3(settings);
  try {
    await openBucket(connection.client, settings);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new S3Store(connection, settings);
}

interface S3Request {
  body?: Readable | Buffer;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  signal?: AbortSignal;
}

class S3Store implements ObjectStore {
  readonly #connection: S3Connection;
  readonly #settings: S3Settings;
  readonly #bucket: string;

  constructor(connection: S3Connection, settings: S3Settings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#bucket = settings.bucket;
  }

  async put(key: string, body: Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    assertObjectKey(key);
    const { size, signal, contentType = contentTypeOf(key) } = options;
    try {
      if (size !== undefined && size <= MAX_SINGLE_PUT)
        return await this.#putWhole(key, body, size, contentType, signal);
      if (signal) addAbortSignal(signal, body);
      const source = new PartSource(body);
      const parts = source.parts();
      const first: Buffer = (await parts.next()).value;
      if (first.length === partSize(1))
        return await this.#putParts(key, source, resume(first, parts), contentType, options);
      // Too little for a part: one request.
      assertSize(key, first.length, size);
      return await this.#putWhole(key, first, first.length, contentType, signal);
    } catch (error) {
      body.destroy();
      throw error;
    }
  }

  async putFile(key: string, source: string, options: Omit<PutOptions, 'size'> = {}): Promise<ObjectInfo> {
    const { size } = await stat(source);
    return this.put(key, createReadStream(source), { ...options, size });
  }

  async get(key: string, options: { range?: ByteRange; signal?: AbortSignal } = {}) {
    assertObjectKey(key);
    const { range, signal } = options;
    if (range) assertRange(range);
    const end = Number.isSafeInteger(range?.end) ? range?.end : '';
    const headers = range ? { range: `bytes=${range.start}-${end}` } : undefined;
    const { body, headers: answer } = await this.#send('GET', key, { headers, signal });
    // undici makes an error of `destroy()` too; a caller that wants no more bytes need not listen for it.
    body.on('error', () => {});
    return { info: infoOf(key, answer), body };
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertObjectKey(key);
    try {
      const { body, headers } = await this.#send('HEAD', key);
      await body.dump();
      return infoOf(key, headers);
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for await (const { name, size, etag, lastModified } of this.#connection.client.listObjectsV2(
      this.#bucket,
      prefix,
      true,
    )) {
      yield { key: name, size, etag, lastModified, contentType: contentTypeOf(name) };
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) assertObjectKey(key);
    if (keys.length === 0) return;
    // The client sends 1,000 at a time, S3's limit, and answers with what could not be removed.
    const failures = await this.#connection.client.removeObjects(this.#bucket, [...keys]);
    const failure = failures.find((answer) => answer?.Error)?.Error;
    if (failure)
      throw new Error(`The object store did not remove ${failure.Key}: ${failure.Code} ${failure.Message}`);
  }

  /** MinIO tells of unfinished uploads by exact key only, which is why none can be found by a prefix. */
  async removeUnfinished(keys: readonly string[]): Promise<void> {
    const { client } = this.#connection;
    for (const key of keys) {
      assertObjectKey(key);
      for (;;) {
        const uploadId = await client.findUploadId(this.#bucket, key);
        if (!uploadId) break;
        await client.abortMultipartUpload(this.#bucket, key, uploadId);
      }
    }
  }

  async localFile(key: string, folder: string, signal?: AbortSignal): Promise<string> {
    const { body } = await this.get(key, { signal });
    // Tools judge by the extension, and two keys may end alike.
    const file = path.join(folder, `${randomUUID()}${path.extname(key)}`);
    try {
      await mkdir(folder, { recursive: true });
      await pipeline(body, createWriteStream(file, { flags: 'wx' }));
      return file;
    } catch (error) {
      body.destroy();
      await rm(file, { force: true });
      throw error;
    }
  }

  async copy(from: string, to: string, options: { signal?: AbortSignal } = {}): Promise<ObjectInfo> {
    assertObjectKey(to);
    const info = await this.head(from);
    if (!info) throw new ObjectNotFoundError(from);
    await copyObject({ client: this.#connection.client, bucket: this.#bucket, from: info, to, ...options });
    return { ...info, key: to, lastModified: new Date() };
  }

  async ping(): Promise<void> {
    if (!(await this.#connection.client.bucketExists(this.#bucket))) {
      throw new Error(`The bucket ${this.#bucket} (S3_BUCKET) is missing at ${this.#settings.endpoint}`);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #putWhole(
    key: string,
    body: Readable | Buffer,
    size: number,
    contentType: string,
    signal?: AbortSignal,
  ) {
    const headers = { 'content-length': String(size), 'content-type': contentType };
    const answer = await this.#send('PUT', key, { body, headers, signal });
    const lastModified = new Date(String(answer.headers.date));
    return { key, size, etag: etagOf(answer.headers), lastModified, contentType };
  }

  async #putParts(
    key: string,
    source: PartSource,
    parts: AsyncIterable<Buffer>,
    contentType: string,
    { size, signal = new AbortController().signal }: PutOptions,
  ): Promise<ObjectInfo> {
    const sendPart: MultipartTarget['sendPart'] = async (query, part, stop) => {
      try {
        const { headers } = await this.#send('PUT', key, { body: part, query, signal: stop });
        source.release(part);
        return etagOf(headers);
      } catch (error) {
        source.stop(error);
        throw error;
      }
    };
    const beforeCompletion = () => assertSize(key, source.bytes, size);
    const target = {
      client: this.#connection.client,
      bucket: this.#bucket,
      key,
      contentType,
      sendPart,
      beforeCompletion,
    };
    const etag = await uploadParts(target, parts, signal);
    return { key, size: source.bytes, etag: etag.replaceAll('"', ''), lastModified: new Date(), contentType };
  }

  /** One signed request. @throws {ObjectNotFoundError} @throws {S3ResponseError} */
  async #send(
    method: 'GET' | 'HEAD' | 'PUT',
    key: string,
    options: S3Request = {},
  ): Promise<Dispatcher.ResponseData> {
    const { client, once, retrying } = this.#connection;
    const { body, headers, query, signal } = options;
    const url = await client.presignedUrl(method, this.#bucket, key, URL_LIFETIME_SECONDS, query);
    const dispatcher = body instanceof Readable ? once : retrying;
    const answer = await request(url, { method, body, headers, signal, dispatcher });
    if (answer.statusCode < 300) {
      if (method === 'PUT') await answer.body.dump();
      return answer;
    }
    const text = await answer.body.text();
    const error = new S3ResponseError(`${method} ${key}`, answer.statusCode, text);
    if (answer.statusCode === 404 && method !== 'PUT' && error.code !== 'NoSuchBucket')
      throw new ObjectNotFoundError(key, { cause: error });
    if (answer.statusCode === 416)
      throw new RangeError(`${key} has no byte ${headers?.range}`, { cause: error });
    throw error;
  }
}

function assertSize(key: string, bytes: number, announced = bytes): void {
  if (bytes !== announced)
    throw new Error(`Object ${key} was announced with ${announced} bytes, ${bytes} came`);
}

async function* resume(first: Buffer, parts: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* parts;
}

function etagOf(headers: IncomingHttpHeaders): string {
  return String(headers.etag).replaceAll('"', '');
}

function infoOf(key: string, headers: IncomingHttpHeaders): ObjectInfo {
  const total = headers['content-range']?.replace(/^.*\//, '') ?? headers['content-length'];
  return {
    key,
    size: Number(total),
    etag: etagOf(headers),
    lastModified: new Date(String(headers['last-modified'])),
    contentType: headers['content-type'] ?? contentTypeOf(key),
  };
}
