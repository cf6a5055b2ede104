import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';
import { openUploadState } from './testing.ts';

test('bytes that came in pieces become a job, whole and at no cost of a copy', async (t) => {
  const { start, objects, jobs, stored, held } = await openUploadState(t);
  const { begin, patch, tus, createJob } = await start();
  const video = videoBytes(300_000);
  const path = await begin(video.length);
  t.regex(path, /^\/api\/uploads\/[0-9a-f-]{36}$/);
  const first = await patch(path, 0, video.subarray(0, 100_000));
  t.is(first.status, 204);
  t.is(first.headers.get('upload-offset'), '100000');
  t.truthy(Date.parse(first.headers.get('upload-expires') ?? ''));
  const asked = await tus('HEAD', path, {});
  t.is(asked.status, 200);
  t.is(asked.headers.get('upload-offset'), '100000');
  t.is(asked.headers.get('upload-length'), '300000');
  t.is(asked.headers.get('cache-control'), 'no-store');
  await refused(t, await createJob(path), 409, 'upload_unfinished');
  t.is((await patch(path, 100_000, video.subarray(100_000))).status, 204);
  t.is(await held('anna'), 300_000);

  const created = await createJob(path, { language: 'en', webhook: { url: 'https://example.com/hook' } });
  t.is(created.status, 201);
  const job = (await created.json()) as { job_id: string };
  t.like(job, { status: 'queued', filename: 'holiday.mp4', size_bytes: 300_000 });
  t.is(created.headers.get('location'), `/api/jobs/${job.job_id}`);
  const source = `jobs/${job.job_id}/source`;
  t.deepEqual(await stored(), [source]);
  t.true((await buffer((await objects.get(source)).body)).equals(video));
  t.like((await jobs())[0], {
    account_id: 'anna',
    priority: 'high',
    options: { language: 'en' },
    webhook: { url: 'https://example.com/hook' },
    source: { key: source, size_bytes: 300_000 },
  });
  t.is(await held('anna'), 300_000);
  await refused(t, await createJob(path), 409, 'upload_used');
  t.is((await tus('HEAD', path, {})).status, 410);
});

test('a chunk that is not what its checksum says is refused with 460 and changes nothing', async (t) => {
  const { start } = await openUploadState(t);
  const { begin, patch, tus, createJob } = await start();
  const video = videoBytes(200_000);
  const path = await begin(video.length);
  const sum = (bytes: Buffer) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
  const wrong = await patch(path, 0, video.subarray(0, 100_000), { 'Upload-Checksum': sum(video) });
  await refused(t, wrong, 460, 'checksum_mismatch');
  t.is((await tus('HEAD', path, {})).headers.get('upload-offset'), '0');
  const right = await patch(path, 0, video.subarray(0, 100_000), {
    'Upload-Checksum': sum(video.subarray(0, 100_000)),
  });
  t.is(right.headers.get('upload-offset'), '100000');
  await refused(
    t,
    await patch(path, 100_000, video.subarray(100_000), { 'Upload-Checksum': 'crc99 AAAA' }),
    400,
    'invalid_request',
  );
  await patch(path, 100_000, video.subarray(100_000), { 'Upload-Checksum': sum(video.subarray(100_000)) });
  t.is((await createJob(path)).status, 201);
});
