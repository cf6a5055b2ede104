import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'minio';

/** Parts on their way at one time; with the one being filled, 32 MiB of buffers for the first 8 GiB. */
const PARALLEL = 3;
const MAX_PARTS = 10_000;

export interface MultipartTarget {
  client: Client;
  bucket: string;
  key: string;
  contentType: string;
  /** Sends one part and answers its ETag. Stops when the signal fires. */
  sendPart(
    query: { partNumber: string; uploadId: string },
    part: Buffer,
    signal: AbortSignal,
  ): Promise<string>;
  /** Throws when the object must not come to be although all parts were sent. */
  beforeCompletion(): void;
}

/**
 * Uploads parts as they come. When one fails, the source fails or `signal` fires, every request is ended first
 * and then the upload is given up, so that neither an object nor an unfinished upload stays.
 * @returns the object's ETag
 */
export async function uploadParts(
  target: MultipartTarget,
  parts: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<string> {
  const { client, bucket, key, contentType } = target;
  const uploadId = await client.initiateNewMultipartUpload(bucket, key, { 'Content-Type': contentType });
  try {
    const etags = await sendParts(target, uploadId, parts, signal);
    target.beforeCompletion();
    return (await client.completeMultipartUpload(bucket, key, uploadId, etags)).etag;
  } catch (error) {
    await giveUp(target, uploadId);
    throw error;
  }
}

async function sendParts(
  target: MultipartTarget,
  uploadId: string,
  parts: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<{ part: number; etag: string }[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const onTheirWay = new Set<Promise<void>>();
  const etags: { part: number; etag: string }[] = [];
  try {
    let count = 0;
    for await (const part of parts) {
      const partNumber = ++count;
      if (partNumber > MAX_PARTS) throw new Error(`${target.key} is larger than ${MAX_PARTS} parts can be`);
      const sent = target
        .sendPart({ partNumber: String(partNumber), uploadId }, part, stop)
        .then((etag) => {
          etags[partNumber - 1] = { part: partNumber, etag };
        })
        .catch((error: unknown) => failure.abort(error))
        .finally(() => onTheirWay.delete(sent));
      onTheirWay.add(sent);
      if (onTheirWay.size >= PARALLEL) await Promise.race(onTheirWay);
      stop.throwIfAborted();
    }
  } catch (error) {
    failure.abort(error);
  }
  await Promise.all(onTheirWay);
  stop.throwIfAborted();
  return etags;
}

/** A broken connection must not leave the parts behind (they are paid for and in no listing). */
export async function giveUp(
  { client, bucket, key }: Pick<MultipartTarget, 'client' | 'bucket' | 'key'>,
  uploadId: string,
): Promise<void> {
  for (const pause of [100, 400, 1_600, undefined]) {
    try {
      return await client.abortMultipartUpload(bucket, key, uploadId);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'NoSuchUpload') return;
      // The first failure is what the caller has to know; the bucket's life cycle rule removes the parts.
      if (pause === undefined) return;
      await sleep(pause);
    }
  }
}
