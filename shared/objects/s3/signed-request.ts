import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { ObjectNotFoundError } from '../object-store.ts';
import type { S3Connection } from './connection.ts';
import { S3ResponseError } from './s3-error.ts';

const URL_LIFETIME_SECONDS = 24 * 3600;

export interface S3Request {
  body?: Readable | Buffer;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * One request for an object by a presigned URL, so that its body travels as it is, neither hashed nor buffered.
 * @throws {ObjectNotFoundError}
 * @throws {RangeError} when the object has no such bytes
 * @throws {S3ResponseError}
 */
export async function sendSigned(
  { client, once, retrying }: S3Connection,
  method: 'GET' | 'HEAD' | 'PUT',
  { bucket, key }: { bucket: string; key: string },
  options: S3Request = {},
): Promise<Dispatcher.ResponseData> {
  const { body, headers, query, signal } = options;
  const url = await client.presignedUrl(method, bucket, key, URL_LIFETIME_SECONDS, query);
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
