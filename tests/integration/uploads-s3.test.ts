import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { MinioContainer, type StartedMinioContainer } from '@testcontainers/minio';
import { connectS3 } from '@transcodeflow/shared/objects/s3/connection.ts';
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
  const instance = await start();
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
  const unfinished = [];
  for await (const { key } of client.listIncompleteUploads(s3.bucket, '', true)) unfinished.push(key);
  t.deepEqual(unfinished, []);
});
