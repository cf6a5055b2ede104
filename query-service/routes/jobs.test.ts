import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { createJobCache } from '@transcodeflow/shared/read-model/job-cache.ts';
import test from 'ava';
import { document, jobId, openQueryService, outputsOf, problemOf } from '../testing/service.ts';

const task = (task_id: string, status: 'running' | 'succeeded' | 'pending', epoch = 1) => ({
  task_id,
  kind: task_id,
  status,
  attempts: 1,
  epoch,
});

test('a job is shown with its source, progress and outputs, and nothing of the inside', async (t) => {
  const { call, project, server } = await openQueryService(t);
  await project(
    document(1, {
      status: 'completed',
      revision: 9,
      outputs: outputsOf(jobId(1)),
      planned: ['360p', '720p'],
    }),
  );
  const response = await call(`/api/jobs/${jobId(1)}`);
  t.is(response.status, 200);
  const job = (await response.json()) as Record<string, unknown>;
  t.like(job, {
    job_id: jobId(1),
    status: 'completed',
    progress: 100,
    revision: 9,
    source: { size_bytes: 10_000 },
  });
  t.false('account_id' in job || 'planned' in job || 'source_bytes' in job);
  const base = `${server.url}/api/jobs/${jobId(1)}/outputs`;
  t.like(job.outputs, {
    '360p': { available: true, download_url: `${base}/360p.mp4`, compression_ratio: 0.1 },
    '720p': { available: false, reason: 'The source is 640x480: video is never scaled up' },
    audio: { download_url: `${base}/audio.m4a` },
    transcription: { formats: { txt: `${base}/transcript.txt` } },
    hls: {
      master_url: `${base}/hls/master.m3u8`,
      '360p': { available: true, segments_count: 3, playlist_url: `${base}/hls/360p/index.m3u8` },
      '720p': { available: false },
    },
    dash: { available: true, manifest_url: `${base}/hls/manifest.mpd`, size_bytes: 90 },
    subtitles: {
      available: true,
      tracks: {
        'subtitles-de': {
          label: 'German',
          download_url: `${base}/subtitles-de.vtt`,
          playlist_url: `${base}/hls/subtitles-de/playlist.m3u8`,
        },
        'subtitles-und': { available: false, reason: 'pictures' },
      },
    },
    thumbnail: { download_url: `${base}/thumbnail.jpg` },
    storyboard: { image_url: `${base}/storyboard.jpg`, vtt_url: `${base}/storyboard.vtt` },
  });
  t.false(JSON.stringify(job).includes('tasks/encode'), 'no object key is shown');
});

test('URLs begin with the public origin where one is configured', async (t) => {
  const { call, project } = await openQueryService(t, { publicUrl: 'https://video.example' });
  await project(document(1, { status: 'completed', outputs: outputsOf(jobId(1)) }));
  const { outputs } = (await (await call(`/api/jobs/${jobId(1)}`)).json()) as {
    outputs: Record<string, { download_url: string }>;
  };
  t.is(outputs['360p']?.download_url, `https://video.example/api/jobs/${jobId(1)}/outputs/360p.mp4`);
});

test('before there are outputs every row is there, unavailable, with the reason', async (t) => {
  const { call, project } = await openQueryService(t);
  await project(document(1));
  await project(
    document(2, { status: 'failed', error: { code: 'c', message: 'There is no video in this file' } }),
  );
  const outputs = async (n: number) =>
    ((await (await call(`/api/jobs/${jobId(n)}`)).json()) as { outputs: Record<string, unknown> }).outputs;
  t.deepEqual(Object.keys(await outputs(1)), [
    '360p',
    '720p',
    'audio',
    'transcription',
    'hls',
    'dash',
    'subtitles',
    'thumbnail',
    'storyboard',
    'preview',
  ]);
  t.deepEqual((await outputs(1)).audio, { available: false, reason: 'The job is queued' });
  t.deepEqual((await outputs(2)).hls, { available: false, reason: 'There is no video in this file' });
});

test('live heartbeats of the current attempt make the progress, which reaches 100 only at the end', async (t) => {
  const { call, project, bus } = await openQueryService(t);
  const beat = (epoch: number, fraction: number) => {
    const data = {
      job_id: jobId(1),
      task_id: 'encode',
      epoch,
      worker_id: 'w',
      kind: 'encode',
      fraction,
      speed: 2,
      eta_s: 7,
    };
    return bus.publish([
      toMessage(topics.progress, jobId(1), {
        id: `${epoch}-${fraction}`,
        type: 'TaskProgress',
        source: '/w',
        subject: jobId(1),
        time: new Date().toISOString(),
        data,
      }),
    ]);
  };
  const show = async () =>
    (await (await call(`/api/jobs/${jobId(1)}`)).json()) as { progress: number; tasks: object[] };
  await project(
    document(1, {
      status: 'processing',
      planned: ['360p'],
      tasks: [task('inspect', 'succeeded'), task('encode', 'running', 2), task('verify', 'pending')],
    }),
  );
  const before = await show();
  await beat(1, 0.9);
  t.is((await show()).progress, before.progress, 'an older attempt does not count');
  await beat(2, 0.5);
  const half = await show();
  t.like(half.tasks[1], { task_id: 'encode', progress: 50, speed: 2, eta_s: 7 });
  t.true(half.progress > before.progress);
  const unreadable = {
    id: '1',
    type: 'TaskProgress',
    source: '/w',
    subject: jobId(1),
    time: '',
    data: { nonsense: 1 },
  };
  await bus.publish([toMessage(topics.progress, jobId(1), unreadable)]);
  await beat(2, 1);
  t.true((await show()).progress > half.progress);
  await project(
    document(1, {
      revision: 2,
      status: 'processing',
      planned: ['360p'],
      tasks: [task('inspect', 'succeeded'), task('encode', 'succeeded', 2), task('verify', 'succeeded')],
    }),
  );
  t.is((await show()).progress, 99);
});

test('the history of a job is every event in order', async (t) => {
  const { call, project, pool } = await openQueryService(t);
  await project(document(1));
  for (const revision of [2, 1, 3])
    await pool.query('insert into read_model.history values ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      jobId(1),
      revision,
      jobId(100 + revision),
      `Event${revision}`,
      '2026-01-02T03:04:05Z',
      '{"a":1}',
      'request-1',
      'anna',
      revision,
    ]);
  const body = (await (await call(`/api/jobs/${jobId(1)}/events`)).json()) as { events: object[] };
  t.is(body.events.length, 3);
  t.deepEqual(body.events[0], {
    job_id: jobId(1),
    revision: 1,
    id: jobId(101),
    type: 'Event1',
    time: '2026-01-02T03:04:05.000Z',
    data: { a: 1 },
    correlation_id: 'request-1',
  });
});

test('a job that was accepted and is not projected yet is not unknown: 503, until it is there', async (t) => {
  const cache = createMemoryCache();
  const { call, project } = await openQueryService(t, { cache });
  await createJobCache(cache).outdate(jobId(1), 1);
  for (const path of ['', '/events', '/outputs/360p.mp4', '/playback']) {
    const waiting = await call(`/api/jobs/${jobId(1)}${path}`);
    t.is(waiting.headers.get('retry-after'), '2');
    t.deepEqual(await problemOf(waiting), [503, 'unavailable'], path);
  }
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(2)}`)), [404, 'job_not_found']);
  await project(document(1));
  t.is((await call(`/api/jobs/${jobId(1)}`)).status, 200);
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(1)}`, {}, 'bert')), [
    403,
    'job_of_another_account',
  ]);
});
