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

test('jobs of others, unknown, deleted and malformed ids', async (t) => {
  const { call, project } = await openQueryService(t);
  await project(document(1));
  await project(document(2, { status: 'deleted' }));
  for (const path of ['', '/events', '/outputs/360p.mp4']) {
    t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(1)}${path}`, {}, 'bert')), [
      403,
      'job_of_another_account',
    ]);
    for (const id of [jobId(2), jobId(3), 'nonsense', '%00', "1' or '1'='1"])
      t.deepEqual(
        await problemOf(await call(`/api/jobs/${encodeURIComponent(id)}${path}`)),
        [404, 'job_not_found'],
        id,
      );
  }
});

test('without a key 403, with an unknown one 401, without the scope 403', async (t) => {
  const { call, project } = await openQueryService(t);
  await project(document(1));
  for (const path of [
    '/api/jobs',
    '/api/jobs/stats',
    `/api/jobs/${jobId(1)}`,
    `/api/jobs/${jobId(1)}/events`,
    `/api/jobs/${jobId(1)}/outputs/360p.mp4`,
  ]) {
    t.deepEqual(await problemOf(await call(path, {}, '')), [403, 'api_key_missing']);
    t.deepEqual(await problemOf(await call(path, {}, 'nobody')), [401, 'api_key_invalid']);
    t.deepEqual(await problemOf(await call(path, {}, 'writer')), [403, 'scope_missing']);
  }
});

test('what is no route is said to be none, malformed paths too', async (t) => {
  const { call } = await openQueryService(t);
  t.deepEqual(await problemOf(await call('/api/nothing')), [404, 'route_not_found']);
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(1)}`, { method: 'PUT' })), [
    405,
    'method_not_allowed',
  ]);
  const malformed = await call('/api/jobs/%E0%A4%A');
  t.true(malformed.status >= 400 && malformed.status < 500, String(malformed.status));
  t.is((await call('/healthz', {}, '')).status, 200);
  t.deepEqual(await (await call('/readyz', {}, '')).json(), {
    status: 'ok',
    checks: { read_model: 'ok', bus: 'ok', objects: 'ok' },
  });
});

test("lists show the caller's jobs, newest first, page by page", async (t) => {
  const { call, project, count } = await openQueryService(t);
  for (let n = 1; n <= 5; n += 1) await project(document(n, { status: n === 3 ? 'failed' : 'queued' }));
  await project(document(6, { account_id: 'bert' }));
  await project(document(7, { status: 'deleted' }));
  await count('anna', 'queued', 4);
  await count('anna', 'failed', 1);
  await count('anna', 'deleted', 1);
  await count('bert', 'queued', 1);
  const list = async (query: string) => {
    const { jobs, page, per_page, total, total_pages } = (await (await call(`/api/jobs${query}`)).json()) as {
      jobs: { job_id: string }[];
    } & Record<string, number>;
    return { jobs: jobs.map(({ job_id }) => Number(job_id.slice(-3))), page, per_page, total, total_pages };
  };
  t.deepEqual(await list(''), { jobs: [5, 4, 3, 2, 1], page: 1, per_page: 20, total: 5, total_pages: 1 });
  t.deepEqual(await list('?page=2&per_page=2'), {
    jobs: [3, 2],
    page: 2,
    per_page: 2,
    total: 5,
    total_pages: 3,
  });
  t.deepEqual(await list('?page=9&per_page=2'), { jobs: [], page: 9, per_page: 2, total: 5, total_pages: 3 });
  t.deepEqual(await list('?status=failed'), { jobs: [3], page: 1, per_page: 20, total: 1, total_pages: 1 });
  for (const bad of [
    '?page=0',
    '?page=-1',
    '?page=x',
    '?page=1.5',
    '?per_page=0',
    '?per_page=101',
    '?page=1001',
    '?status=gone',
    '?status=deleted',
    '?page=1&page=2',
  ])
    t.deepEqual(await problemOf(await call(`/api/jobs${bad}`)), [400, 'invalid_request'], bad);
});

test('statistics are sums, without deleted jobs', async (t) => {
  const { call, count } = await openQueryService(t);
  t.deepEqual(await (await call('/api/jobs/stats')).json(), {
    total_jobs: 0,
    status_breakdown: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
    success_rate: null,
    average_turnaround_s: null,
    source_bytes: 0,
    output_bytes: 0,
  });
  await count('anna', 'completed', 2, 300, 30, 5_000);
  await count('anna', 'failed', 1, 100);
  await count('anna', 'cancelled', 4, 10);
  await count('anna', 'deleted', 9, 900, 90, 9_000);
  await count('bert', 'completed', 7, 7, 7, 7);
  t.deepEqual(await (await call('/api/jobs/stats')).json(), {
    total_jobs: 7,
    status_breakdown: { queued: 0, processing: 0, completed: 2, failed: 1, cancelled: 4 },
    success_rate: 66.67,
    average_turnaround_s: 2.5,
    source_bytes: 410,
    output_bytes: 30,
  });
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
