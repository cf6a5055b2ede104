import { Readable } from 'node:stream';
import test from 'ava';
import { form, jpegBytes, MOST_UPLOAD_BYTES, openCommandService, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

test('a video becomes an object and a queued job', async (t) => {
  const { upload, objects, stored, keys } = await openCommandService(t);
  const video = videoBytes(300_000);
  const options = { priority: 'high', language: 'en', metadata: { title: 'Ferien' } };
  const response = await upload(
    form({ file: video, thumbnail: jpegBytes(), options: JSON.stringify(options) }),
  );
  t.is(response.status, 200);
  const body = (await response.json()) as { job_id: string };
  t.like(body, { status: 'queued', filename: 'holiday.mp4', size_bytes: 300_000 });
  t.is(response.headers.get('location'), `/api/jobs/${body.job_id}`);
  t.deepEqual(await keys(), [`jobs/${body.job_id}/source`, `jobs/${body.job_id}/thumbnail`]);
  const kept = await (await objects.get(`jobs/${body.job_id}/source`)).body.toArray();
  t.true(Buffer.concat(kept).equals(video), 'byte for byte');
  const [requested, scheduled] = await stored();
  t.like(requested, {
    type: 'JobRequested',
    data: {
      account_id: 'anna',
      priority: 'high',
      profile: 'default',
      options: { language: 'en' },
      metadata: { title: 'Ferien' },
      source: { size_bytes: 300_000 },
      thumbnail: { size_bytes: 20_000 },
    },
  });
  t.is(scheduled?.type, 'TaskScheduled');
});

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

test('a watermark is stored with the job, and without its picture there is none to lay on', async (t) => {
  const { upload, stored, keys } = await openCommandService(t);
  const options = JSON.stringify({ watermark: { position: 'top-left', opacity: 0.5 } });
  const response = await upload(form({ file: videoBytes(), watermark: jpegBytes(5_000), options }));
  const { job_id } = (await response.json()) as { job_id: string };
  t.deepEqual(await keys(), [`jobs/${job_id}/source`, `jobs/${job_id}/watermark`]);
  t.like((await stored())[0]?.data, {
    watermark: { key: `jobs/${job_id}/watermark`, size_bytes: 5_000 },
    options: { watermark: { position: 'top-left', opacity: 0.5, width: 0.15, margin: 0.03 } },
  });
  const missing = await refused(
    t,
    await upload(form({ file: videoBytes(), options })),
    400,
    'invalid_request',
  );
  t.regex(missing.detail, /"watermark" with the picture is missing/);
  await refused(
    t,
    await upload(form({ file: videoBytes(), watermark: videoBytes() })),
    400,
    'invalid_watermark',
  );
  t.is((await keys()).length, 2, 'nothing of what was refused stays');
});

/** An MP3 to file-type's eyes: a frame's header and then whatever. */
const soundBytes = (): Buffer<ArrayBuffer> => {
  const bytes = Buffer.alloc(20_000, 7);
  bytes.set([0xff, 0xfb, 0x90, 0x64]);
  return bytes;
};

test('a file of sound is taken by the profile audio-only, wherever in the body it is named', async (t) => {
  const { upload, events } = await openCommandService(t);
  const options = JSON.stringify({ profile: 'audio-only' });
  t.is((await upload(form({ options, file: soundBytes() }))).status, 200);
  t.is((await upload(form({ file: soundBytes(), options }))).status, 200);
  t.deepEqual(await events(), ['JobRequested', 'TaskScheduled', 'JobRequested', 'TaskScheduled']);
});

test('a file of sound is refused by other profiles, which says what takes it, and nothing is stored', async (t) => {
  const { upload, nothingStored } = await openCommandService(t);
  const web = JSON.stringify({ profile: 'web' });
  for (const options of ['{}', web]) {
    const problem = await refused(
      t,
      await upload(form({ file: soundBytes(), options })),
      400,
      'invalid_video_format',
    );
    t.regex(problem.detail, /audio\/mpeg, which only the profile "audio-only" takes/);
  }
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
});

test('file names are cleaned and never become paths', async (t) => {
  const { upload, keys } = await openCommandService(t);
  const cases = [
    ['../../etc/passwd.mp4', 'passwd.mp4'],
    ['C:\\videos\\ferien.mp4', 'ferien.mp4'],
    ['\u202egpj.mp4', 'gpj.mp4'],
    ['Größe 🎬.mp4', 'Größe 🎬.mp4'],
    ['..', 'video'],
    ['x'.repeat(400), 'x'.repeat(255)],
    [`${'x'.repeat(254)}🎬.mp4`, 'x'.repeat(254)],
  ] as const;
  for (const [sent, kept] of cases)
    t.like(await (await upload(form({ file: videoBytes() }, sent))).json(), { filename: kept }, sent);
  t.true((await keys()).every((key) => /^jobs\/[0-9a-f-]{36}\/source$/.test(key)));
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
