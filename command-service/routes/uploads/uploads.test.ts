import { request as httpRequest } from 'node:http';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { MOST_BYTES, openUploadState } from '../../resumable/testing.ts';
import { videoBytes } from '../../testing/http.ts';
import { refused } from '../../testing/refused.ts';
import { sendAndHangUp } from '../../testing/send-and-hang-up.ts';

const CHUNK = { 'Content-Type': 'application/offset+octet-stream' };

test('what the server can do is told, and concatenation is not among it', async (t) => {
  const { start } = await openUploadState(t);
  const { call, tus } = await start();
  const { status, headers } = await call('/api/uploads', { method: 'OPTIONS' });
  t.is(status, 204);
  t.is(headers.get('tus-version'), '1.0.0');
  t.is(
    headers.get('tus-extension'),
    'creation,creation-with-upload,creation-defer-length,termination,expiration,checksum',
  );
  t.is(headers.get('tus-max-size'), String(MOST_BYTES));
  t.is(headers.get('tus-checksum-algorithm'), 'sha1,sha256,md5');
  const partial = { 'Upload-Length': '10', 'Upload-Concat': 'partial' };
  await refused(t, await tus('POST', '/api/uploads', partial), 400, 'not_supported');
});

test('a creation that is not one is refused and stores nothing', async (t) => {
  const { start, stored, rows } = await openUploadState(t);
  const { call, tus } = await start();
  const create = (headers: Record<string, string>) => tus('POST', '/api/uploads', headers);
  const malformed: Record<string, string>[] = [
    {},
    { 'Upload-Length': '-1' },
    { 'Upload-Length': '1e3' },
    { 'Upload-Length': '01' },
    { 'Upload-Length': '10', 'Upload-Defer-Length': '1' },
    { 'Upload-Defer-Length': '2' },
    { 'Upload-Length': '10', 'Upload-Metadata': 'filename not-base64!' },
    { 'Upload-Length': '10', 'Upload-Metadata': 'filename YQ==,filename YQ==' },
  ];
  for (const headers of malformed) await refused(t, await create(headers), 400, 'invalid_request');
  for (const length of [String(MOST_BYTES + 1), '999999999999999'])
    await refused(t, await create({ 'Upload-Length': length }), 413, 'payload_too_large');
  const bare = await call('/api/uploads', { method: 'POST', headers: { 'Upload-Length': '10' } });
  t.is(bare.headers.get('tus-version'), '1.0.0');
  await refused(t, bare, 412, 'upload_protocol_version');
  const old = await create({ 'Upload-Length': '10', 'Tus-Resumable': '0.2.2' });
  await refused(t, old, 412, 'upload_protocol_version');
  t.deepEqual([await stored(), await rows('select 1 from uploads.upload')], [[], []]);
});

test('the first bytes may come with the creation; more than announced are refused and nothing stays', async (t) => {
  const { start, stored, held } = await openUploadState(t);
  const { tus, createJob } = await start();
  const video = videoBytes(50_000);
  const create = (length: number, body: Buffer<ArrayBuffer>) =>
    tus('POST', '/api/uploads', { 'Upload-Length': String(length), ...CHUNK }, body);
  await refused(t, await create(40_000, video), 413, 'payload_too_large');
  t.deepEqual([await stored(), await held('anna')], [[], 0]);
  const whole = await create(50_000, video);
  t.is(whole.status, 201);
  t.is(whole.headers.get('upload-offset'), '50000');
  t.is((await createJob(whole.headers.get('location') ?? '')).status, 201);
});

test('a client that hangs up in a creation with bytes leaves nothing', async (t) => {
  const { start, stored, held, rows } = await openUploadState(t);
  const { url } = await start();
  const request = httpRequest(`${url}/api/uploads`, {
    method: 'POST',
    headers: {
      'X-API-Key': 'anna',
      'Tus-Resumable': '1.0.0',
      'Upload-Length': '900000',
      'Content-Length': '900000',
      ...CHUNK,
    },
  });
  request.on('error', () => {});
  request.write(videoBytes(300_000));
  await until('it is under way', async () => (await stored()).length > 0);
  request.destroy();
  await until('nothing is left', async () => (await rows('select 1 from uploads.upload')).length === 0);
  t.deepEqual([await stored(), await held('anna')], [[], 0]);
});

test('bytes at another offset, of another type, too many, or after the end change nothing', async (t) => {
  const { start } = await openUploadState(t);
  const { begin, patch, tus } = await start();
  const video = videoBytes(30_000);
  const path = await begin(video.length);
  await patch(path, 0, video.subarray(0, 10_000));
  await refused(t, await patch(path, 0, video), 409, 'upload_offset_conflict');
  await refused(t, await patch(path, 20_000, video.subarray(20_000)), 409, 'upload_offset_conflict');
  const typed = await patch(path, 10_000, video.subarray(10_000), { 'Content-Type': 'video/mp4' });
  await refused(t, typed, 415, 'unsupported_media_type');
  await refused(t, await patch(path, 10_000, video), 413, 'payload_too_large');
  const another = await patch(path, 10_000, video.subarray(10_000), { 'Upload-Length': '40000' });
  await refused(t, another, 400, 'invalid_request');
  await refused(t, await tus('PATCH', path, CHUNK, video), 400, 'invalid_request');
  t.is((await tus('HEAD', path, {})).headers.get('upload-offset'), '10000');
  t.is((await patch(path, 10_000, video.subarray(10_000))).status, 204);
  t.is((await patch(path, 30_000, Buffer.alloc(0))).status, 204);
  t.is((await tus('HEAD', path, {})).headers.get('upload-offset'), '30000');
});

test('ids are those that the server made', async (t) => {
  const { start, stored } = await openUploadState(t);
  const { tus, call, patch } = await start();
  for (const id of ['x', '..%2F..%2Fetc%2Fpasswd', '019b7a11-7000-7000-8000-0000000000ff', 'a.json']) {
    t.is((await tus('HEAD', `/api/uploads/${id}`, {})).status, 404, id);
    t.is((await patch(`/api/uploads/${id}`, 0, videoBytes(100))).status, 404, id);
    t.is((await tus('DELETE', `/api/uploads/${id}`, {})).status, 404, id);
  }
  t.is((await call('/api/uploads/019b7a11-7000-7000-8000-0000000000ff')).status, 405);
  t.is((await tus('POST', '/api/uploads', { 'Upload-Length': '1' }, undefined, 'reader')).status, 403);
  t.is((await tus('POST', '/api/uploads', { 'Upload-Length': '1' }, undefined, 'nobody')).status, 401);
  t.deepEqual(await stored(), []);
});

test('where clients cannot reach the store there are no URLs to it', async (t) => {
  const { start, rows } = await openUploadState(t);
  const { call } = await start();
  const asked = await call('/api/uploads/presigned', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"filename":"a.mp4","size_bytes":5}',
  });
  t.regex((await refused(t, asked, 400, 'not_supported')).detail, /tus/);
  t.deepEqual(await rows('select 1 from uploads.upload'), []);
});

test('a client that sends a short chunk whole and hangs up at once does not hold its upload for ever', async (t) => {
  const { start, stored, held, rows } = await openUploadState(t);
  const { url, begin } = await start({ uploadExpiryMs: 400 });
  const headers = { ...CHUNK, 'tus-resumable': '1.0.0', 'upload-offset': '0' };
  for (const size of [5_000, 60_000])
    await sendAndHangUp(
      Number(new URL(url).port),
      `PATCH ${await begin(9_000_000)}`,
      headers,
      videoBytes(size),
    );
  await until('nothing is left', async () => (await rows('select id from uploads.upload')).length === 0);
  t.deepEqual([await stored(), await held('anna')], [[], 0]);
});
