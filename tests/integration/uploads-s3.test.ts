import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { MinioContainer, type StartedMinioContainer } from '@testcontainers/minio';
import { connectS3, type S3Connection } from '@transcodeflow/shared/objects/s3/connection.ts';
import { copyObject } from '@transcodeflow/shared/objects/s3/copy-object.ts';
import { openS3Store } from '@transcodeflow/shared/objects/s3-store.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { openS3Bytes } from '../../command-service/resumable/s3-bytes.ts';
import {
  MOST_BYTES,
  type OpenStores,
  openUploadState,
  QUOTA,
} from '../../command-service/resumable/testing.ts';
import { videoBytes } from '../../command-service/testing/http.ts';
import { testResumableUploads } from '../e2e/scenarios/resumable-uploads.ts';

let container: StartedMinioContainer;

test.before(async () => {
  container = await new MinioContainer('minio/minio:latest').start();
});
test.after.always(() => container?.stop());

const settings = () => ({
  endpoint: container.getConnectionUrl(),
  accessKey: container.getUsername(),
  secretKey: container.getPassword(),
  bucket: `bucket-${randomUUID()}`,
});

/** Every instance of a test has a client of its own to the same bucket. */
function s3Stores(): OpenStores {
  const s3 = settings();
  return async () => {
    const objects = await openS3Store(s3);
    return { objects, uploadBytes: openS3Bytes(s3, objects, MOST_BYTES) };
  };
}

testResumableUploads('s3', s3Stores);

/** Ids of multipart uploads of a key. MinIO lists them by whole keys only. */
async function unfinished(client: S3Connection['client'], bucket: string, key: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { uploadId } of client.listIncompleteUploads(bucket, key, true)) ids.push(uploadId);
  return ids;
}

interface Presigned {
  upload_id: string;
  url: string;
  headers: Record<string, string>;
}

type Instance = Awaited<ReturnType<Awaited<ReturnType<typeof openUploadState>>['start']>>;

const presign = (instance: Instance, size_bytes: number, key?: string) =>
  instance.call(
    '/api/uploads/presigned',
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ filename: 'a/../b.mp4', size_bytes }),
    },
    key,
  );

const put = ({ url, headers }: Presigned, body: Buffer<ArrayBuffer>) =>
  fetch(url, { method: 'PUT', headers: { ...headers, 'Content-Length': String(body.length) }, body });

test('presigned: the bytes go to the store itself, exactly as many as announced, and become a job', async (t) => {
  const { start, stored, held, objects } = await openUploadState(t, s3Stores());
  const instance = await start({ uploadExpiryMs: 10_000 });
  const video = videoBytes(6_000_000);
  const answer = await presign(instance, video.length);
  t.is(answer.status, 201);
  const presigned = (await answer.json()) as Presigned;
  t.is(await held('anna'), video.length);
  t.is((await instance.createJob(presigned.upload_id)).status, 409, 'nothing was sent yet');
  t.is((await put(presigned, videoBytes(6_000_001))).status, 403, 'the store refuses another size');
  t.is((await put(presigned, videoBytes(5_999_999))).status, 403);
  t.deepEqual(await stored(), []);
  t.is((await put(presigned, video)).status, 200);

  const created = await instance.createJob(presigned.upload_id);
  t.is(created.status, 201);
  const { job_id, filename } = (await created.json()) as { job_id: string; filename: string };
  t.is(filename, 'b.mp4');
  t.deepEqual(await stored(), [`jobs/${job_id}/source`]);
  t.is(await held('anna'), video.length);

  t.is((await put(presigned, videoBytes(6_000_000).fill(9, 100))).status, 200, 'the URL is still good');
  const kept = Buffer.concat(await (await objects.get(`jobs/${job_id}/source`)).body.toArray());
  t.true(kept.equals(video), 'and the source of the job is as it was');
  await until('what came too late is removed', async () => (await stored()).length === 1);
  t.deepEqual(await stored(), [`jobs/${job_id}/source`]);

  const ended = (await (await presign(instance, video.length)).json()) as Presigned;
  t.is((await instance.call(`/api/uploads/${ended.upload_id}`, { method: 'DELETE' })).status, 204);
  t.is((await put(ended, video)).status, 200);
  await until('what came too late is removed', async () => (await stored()).length === 1);
  t.is(await held('anna'), video.length);
});

test('presigned: against the quota, not above 5 GiB, and gone when it expires', async (t) => {
  const { start, stored, held, rows } = await openUploadState(t, s3Stores());
  const instance = await start({ uploadExpiryMs: 3_000 });
  t.is((await presign(instance, QUOTA + 1, 'poor')).status, 413);
  t.is((await presign(instance, MOST_BYTES + 1)).status, 413);
  t.is((await presign(instance, 5 * 2 ** 30 + 1)).status, 400);
  t.is((await presign(instance, 0)).status, 400);
  const presigned = (await (await presign(instance, 100_000, 'poor')).json()) as Presigned;
  t.is((await put(presigned, videoBytes(100_000))).status, 200);
  t.deepEqual(await stored(), [`uploads/${presigned.upload_id}`]);
  await until('nothing is left', async () => (await rows('select id from uploads.upload')).length === 0);
  t.deepEqual(await stored(), []);
  t.is(await held('poor'), 0);
  t.is((await put(presigned, videoBytes(100_000))).status, 403);
});

test('all parts are there and the crash came before they were joined: the job’s request joins them', async (t) => {
  const s3 = settings();
  const { start, stored } = await openUploadState(t, async () => {
    const objects = await openS3Store(s3);
    return { objects, uploadBytes: openS3Bytes(s3, objects, MOST_BYTES) };
  });
  const { begin, tus, createJob } = await start();
  const { client, close } = connectS3(s3);
  t.teardown(close);
  const video = videoBytes(6_000_000);
  const path = await begin(video.length);
  const key = (await stored())[0]!.replace(/\.info$/, '');
  const [uploadId = ''] = await unfinished(client, s3.bucket, key);
  await client.uploadPart(
    { bucketName: s3.bucket, objectName: key, uploadID: uploadId, partNumber: 1, headers: {} },
    video,
  );
  t.is((await tus('HEAD', path, {})).headers.get('upload-offset'), '6000000');
  t.false((await stored()).includes(key));
  const created = await createJob(path);
  t.is(created.status, 201);
  t.deepEqual(await stored(), [key]);
});

test('an unfinished upload that is ended leaves no parts behind', async (t) => {
  const s3 = settings();
  const { start, stored } = await openUploadState(t, async () => {
    const objects = await openS3Store(s3);
    return { objects, uploadBytes: openS3Bytes(s3, objects, MOST_BYTES) };
  });
  const { begin, patch, tus } = await start();
  const { client, close } = connectS3(s3);
  t.teardown(close);
  const path = await begin(20_000_000);
  await patch(path, 0, videoBytes(9_000_000));
  const key = (await stored())[0]!.replace(/\.info$/, '');
  t.is((await unfinished(client, s3.bucket, key)).length, 1);
  t.is((await tus('DELETE', path, {})).status, 204);
  t.deepEqual([await unfinished(client, s3.bucket, key), await stored()], [[], []]);
});

test('an object above the limit of one copy is copied by parts', async (t) => {
  const s3 = settings();
  const store = await openS3Store(s3);
  const { client, close } = connectS3(s3);
  t.teardown(async () => {
    await store.close();
    await close();
  });
  const body = videoBytes(12_000_000);
  const from = { ...(await store.put('from + ä?.mp4', Readable.from([body]))), key: 'from + ä?.mp4' };
  const limits = { single: 1_000_000, part: 5 * 2 ** 20 };
  await copyObject({ client, bucket: s3.bucket, from, to: 'to', limits });
  const kept = Buffer.concat(await (await store.get('to')).body.toArray());
  t.true(kept.equals(body));
  await store.put(from.key, Readable.from(['replaced']));
  await t.throwsAsync(copyObject({ client, bucket: s3.bucket, from, to: 'other', limits }));
  t.is(await store.head('other'), undefined);
  t.deepEqual(await unfinished(client, s3.bucket, 'other'), []);
});
