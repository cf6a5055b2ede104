import type { Client } from 'minio';
import type { S3Settings } from './connection.ts';
import { codeOf, settingError } from './s3-error.ts';

/**
 * Makes sure that the bucket is there, making it if need be and allowed, and that this user may list it.
 * @throws {Error} that names the setting to change
 */
export async function openBucket(client: Client, settings: S3Settings): Promise<void> {
  try {
    await probe(client, settings.bucket).catch(async (error: unknown) => {
      if (codeOf(error) !== 'NoSuchBucket') throw error;
      await makeBucket(client, settings);
    });
  } catch (error) {
    throw settingError(error, settings);
  }
}

async function makeBucket(client: Client, { bucket, region = 'us-east-1' }: S3Settings): Promise<void> {
  try {
    await client.makeBucket(bucket, region);
  } catch (error) {
    // Another service of this system was faster.
    if (codeOf(error) !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

/** A listing, because an answer to HEAD has no body that could say what is wrong. */
async function probe(client: Client, bucket: string): Promise<void> {
  for await (const _ of client.listObjectsV2(bucket, 'probe/', true)) return;
}
