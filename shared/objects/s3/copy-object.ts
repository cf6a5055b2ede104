import { type Client, CopyConditions } from 'minio';
import type { ObjectInfo } from '../object-store.ts';
import { giveUp } from './multipart-upload.ts';

/** S3's limit for a copy by one request is 5 GiB, and so it is for a part. */
const MAX_SINGLE_COPY = 5 * 2 ** 30;
const COPIED_PART = 2 ** 30;

export interface Copy {
  client: Client;
  bucket: string;
  from: Pick<ObjectInfo, 'key' | 'size' | 'etag' | 'contentType'>;
  to: string;
  signal?: AbortSignal;
  /** For tests: S3 takes parts from 5 MiB. */
  limits?: { single: number; part: number };
}

/**
 * Copies an object within the bucket: by one request, or by parts where it is larger than that may be. Fails where the
 * object was replaced since `from` was read.
 */
export async function copyObject({
  client,
  bucket,
  from,
  to,
  signal,
  limits = { single: MAX_SINGLE_COPY, part: COPIED_PART },
}: Copy): Promise<void> {
  signal?.throwIfAborted();
  if (from.size <= limits.single) {
    const unchanged = new CopyConditions();
    unchanged.setMatchETag(from.etag);
    await client.copyObject(bucket, to, `/${bucket}/${from.key}`, unchanged);
    return;
  }
  const uploadID = await client.initiateNewMultipartUpload(bucket, to, { 'Content-Type': from.contentType });
  try {
    const parts: { part: number; etag: string }[] = [];
    for (let start = 0; start < from.size; start += limits.part) {
      signal?.throwIfAborted();
      const partNumber = parts.length + 1;
      const headers = {
        'x-amz-copy-source': `/${bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
        'x-amz-copy-source-range': `bytes=${start}-${Math.min(start + limits.part, from.size) - 1}`,
        'x-amz-copy-source-if-match': from.etag,
      };
      const { etag } = await client.uploadPart({
        bucketName: bucket,
        objectName: to,
        uploadID,
        partNumber,
        headers,
      });
      parts.push({ part: partNumber, etag });
    }
    await client.completeMultipartUpload(bucket, to, uploadID, parts);
  } catch (error) {
    await giveUp({ client, bucket, key: to }, uploadID);
    throw error;
  }
}
