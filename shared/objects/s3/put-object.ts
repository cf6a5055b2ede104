import { addAbortSignal, type Readable } from 'node:stream';
import { contentTypeOf } from '../content-type.ts';
import type { ObjectInfo, PutOptions } from '../object-store.ts';
import type { S3Connection } from './connection.ts';
import { type MultipartTarget, uploadParts } from './multipart-upload.ts';
import { etagOf } from './object-answer.ts';
import { PartSource, partSize } from './parts.ts';
import { sendSigned } from './signed-request.ts';

/** S3's limit for one PUT is 5 GiB. */
const MAX_SINGLE_PUT = 4 * 2 ** 30;

interface Destination {
  bucket: string;
  key: string;
  contentType: string;
}

/**
 * Stores a body: by one request where its size is known and S3 takes it so, or where it is shorter than a part; else in
 * parts. When it fails, `body` is destroyed and nothing stays.
 */
export async function putObject(
  connection: S3Connection,
  { bucket, key }: { bucket: string; key: string },
  body: Readable,
  options: PutOptions,
): Promise<ObjectInfo> {
  const { size, signal, contentType = contentTypeOf(key) } = options;
  const to = { bucket, key, contentType };
  try {
    if (size !== undefined && size <= MAX_SINGLE_PUT)
      return await putWhole(connection, to, body, size, signal);
    if (signal) addAbortSignal(signal, body);
    const source = new PartSource(body);
    const parts = source.parts();
    const first: Buffer = (await parts.next()).value;
    if (first.length === partSize(1))
      return await putParts(connection, to, source, resume(first, parts), options);
    // Too little for a part: one request.
    assertSize(key, first.length, size);
    return await putWhole(connection, to, first, first.length, signal);
  } catch (error) {
    body.destroy();
    throw error;
  }
}

async function putWhole(
  connection: S3Connection,
  { bucket, key, contentType }: Destination,
  body: Readable | Buffer,
  size: number,
  signal?: AbortSignal,
): Promise<ObjectInfo> {
  const headers = { 'content-length': String(size), 'content-type': contentType };
  const answer = await sendSigned(connection, 'PUT', { bucket, key }, { body, headers, signal });
  const lastModified = new Date(String(answer.headers.date));
  return { key, size, etag: etagOf(answer.headers), lastModified, contentType };
}

async function putParts(
  connection: S3Connection,
  to: Destination,
  source: PartSource,
  parts: AsyncIterable<Buffer>,
  { size, signal = new AbortController().signal }: PutOptions,
): Promise<ObjectInfo> {
  const { key, contentType } = to;
  const sendPart: MultipartTarget['sendPart'] = async (query, part, stop) => {
    try {
      const { headers } = await sendSigned(connection, 'PUT', to, { body: part, query, signal: stop });
      source.release(part);
      return etagOf(headers);
    } catch (error) {
      source.stop(error);
      throw error;
    }
  };
  const beforeCompletion = () => assertSize(key, source.bytes, size);
  const etag = await uploadParts(
    { client: connection.client, ...to, sendPart, beforeCompletion },
    parts,
    signal,
  );
  return { key, size: source.bytes, etag: etag.replaceAll('"', ''), lastModified: new Date(), contentType };
}

function assertSize(key: string, bytes: number, announced = bytes): void {
  if (bytes !== announced)
    throw new Error(`Object ${key} was announced with ${announced} bytes, ${bytes} came`);
}

async function* resume(first: Buffer, parts: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* parts;
}
