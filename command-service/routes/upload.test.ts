import test from 'ava';
import { form, jpegBytes, openCommandService, videoBytes } from '../testing/http.ts';
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
