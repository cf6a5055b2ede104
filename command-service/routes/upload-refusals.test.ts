import { Readable } from 'node:stream';
import test from 'ava';
import {
  animatedWebp,
  form,
  jpegBytes,
  MOST_UPLOAD_BYTES,
  openCommandService,
  videoBytes,
} from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

test('names and declared types say nothing: a JPEG called .mp4 is refused and nothing is stored', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  const problem = await refused(
    t,
    await upload(form({ file: jpegBytes(200_000) })),
    400,
    'invalid_video_format',
  );
  t.like(problem, { title: 'Invalid video format' });
  t.regex(problem.detail, /image\/jpeg/);
  t.true(await nothingStored());
});

test('a refusal is answered at once, wherever in the body it is found', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  for (let bytes = 4_000; bytes < 40_000; bytes += 2_357)
    await refused(t, await upload(form({ file: jpegBytes(bytes) })), 400, 'invalid_video_format');
  t.true(await nothingStored());
});

test('a small text file, a large one and an empty one are refused and nothing is stored', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  await refused(t, await upload(form({ file: Buffer.from('hello') })), 400, 'invalid_video_format');
  await refused(
    t,
    await upload(form({ file: Buffer.alloc(500_000, 'hello ') })),
    400,
    'invalid_video_format',
  );
  const empty = await upload(form({ file: Buffer.alloc(0) }));
  t.is(empty.status, 400);
  t.true(await nothingStored());
});

test('a body without the file, or that is no multipart body, is refused', async (t) => {
  const { upload, call, nothingStored } = await openCommandService(t);
  await refused(t, await upload(form({ options: '{}' })), 400, 'invalid_request');
  await refused(t, await upload(form({ file: 'just text' })), 400, 'invalid_request');
  await refused(t, await upload(form({ thumbnail: jpegBytes() })), 400, 'invalid_request');
  await refused(
    t,
    await call('/api/upload', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    }),
    415,
    'unsupported_media_type',
  );
  await refused(t, await call('/api/upload', { method: 'POST' }), 415, 'unsupported_media_type');
  await refused(
    t,
    await call('/api/upload', {
      method: 'POST',
      body: 'nonsense',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    }),
    400,
    'invalid_request',
  );
  t.true(await nothingStored());
});

test('an unknown file field and a field sent twice are refused, and what was stored is removed', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  const unknown = await refused(
    t,
    await upload(form({ file: videoBytes(), film: videoBytes() })),
    400,
    'invalid_request',
  );
  t.regex(unknown.detail, /film/);
  const twice = form({ file: videoBytes() });
  twice.append('file', new Blob([videoBytes()]), 'b.mp4');
  t.regex((await refused(t, await upload(twice), 400, 'invalid_request')).detail, /twice/);
  const twoOptions = form({ file: videoBytes(), options: '{}' });
  twoOptions.append('options', '{"priority":"high"}');
  t.regex((await refused(t, await upload(twoOptions), 400, 'invalid_request')).detail, /twice/);
  t.true(await nothingStored());
});

test('too large is too large, also when its length is not declared', async (t) => {
  const { upload, call, nothingStored } = await openCommandService(t);
  await refused(t, await upload(form({ file: videoBytes(MOST_UPLOAD_BYTES + 1) })), 413, 'payload_too_large');
  const hangUpAfterwards = new AbortController();
  const head =
    '--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n';
  const body = Readable.toWeb(
    Readable.from([head, videoBytes(), ...Array.from({ length: 30 }, () => Buffer.alloc(64_000))]),
  ) as ReadableStream;
  const response = await call('/api/upload', {
    method: 'POST',
    body,
    duplex: 'half',
    signal: hangUpAfterwards.signal,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  } as RequestInit);
  t.is(response.status, 413);
  hangUpAfterwards.abort();
  t.true(await nothingStored());
});

test('long text fields are told apart from large files', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  const fields = form({ file: videoBytes(), options: 'x'.repeat(100_000) });
  t.regex((await refused(t, await upload(fields), 413, 'payload_too_large')).detail, /text fields/);
  t.true(await nothingStored());
});

test('bad options are refused with their fields', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  const errors = async (options: string) =>
    (await refused(t, await upload(form({ file: videoBytes(), options })), 400, 'invalid_request')).errors;
  t.deepEqual(
    Object.keys((await errors('{"priority":"urgent","language":"english","profile":"cinema"}')) ?? {}).sort(),
    ['language', 'priority', 'profile'],
  );
  t.deepEqual(await errors('not json'), { options: 'not JSON' });
  t.truthy(await errors('{"unknown":1}'));
  t.truthy(await errors('[]'));
  t.truthy(
    await errors(
      JSON.stringify({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) }),
    ),
  );
  t.true(await nothingStored());
});

test('a thumbnail that is no image is refused and the video with it', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  await refused(
    t,
    await upload(form({ file: videoBytes(), thumbnail: Buffer.from('not an image') })),
    400,
    'invalid_thumbnail',
  );
  await refused(
    t,
    await upload(form({ file: videoBytes(), thumbnail: videoBytes() })),
    400,
    'invalid_thumbnail',
  );
  t.true(await nothingStored());
  const moving = form({ file: videoBytes(), thumbnail: animatedWebp() });
  t.regex((await refused(t, await upload(moving), 400, 'invalid_thumbnail')).detail, /animated WebP/);
});

test('without a key 403, with an unknown one 401, without the scope 403, and nothing is stored', async (t) => {
  const { call, upload, nothingStored } = await openCommandService(t);
  const bare = (key: string | undefined) => upload(form({ file: videoBytes() }), key);
  await refused(
    t,
    await call('/api/upload', { method: 'POST', body: form({ file: videoBytes() }) }, ''),
    403,
    'api_key_missing',
  );
  await refused(t, await bare('nobody'), 401, 'api_key_invalid');
  await refused(t, await bare('reader'), 403, 'scope_missing');
  t.true(await nothingStored());
});
