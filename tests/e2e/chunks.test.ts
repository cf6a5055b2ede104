import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { until } from '../systems/until.ts';
import { storedKeys } from './scenarios/stored-keys.ts';

interface Task {
  task_id: string;
  kind: string;
  status: string;
  attempts: number;
  progress: number;
}

/** One task at a time, so that one chunk is done while another is at work. */
const env = { CHUNK_SECONDS: '4', PROCESSOR_SLOTS: '1', FFMPEG_THREADS: '1' };

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-chunks-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const chunksOf = (job: { tasks: Task[] }) => job.tasks.filter(({ kind }) => kind === 'encode-chunk');

test('a long video is encoded in chunks, and what comes of it is one video', async (t) => {
  const folder = await folderOf(t);
  const video = await makeVideo(join(folder, 'video.mp4'), { seconds: 13, size: '320x180', gop: 25 });
  const system = await startEmbedded(undefined, { ...env, PROCESSOR_SLOTS: '2' });
  t.teardown(() => system.close());
  const api = createApi(system);
  const { job_id } = (await api.upload(video, { options: { captions: false } })).body;
  let furthest = 0;
  const job = await api.until(job_id, ({ status, progress }) => {
    t.true(progress >= furthest, `${progress} after ${furthest}`);
    furthest = progress;
    return !['queued', 'processing'].includes(status);
  });
  t.is(job.status, 'completed', JSON.stringify(job.error));
  t.is(chunksOf(job).length, 3);
  const { '180p': rendition } = job.outputs;
  t.true(rendition.available);
  t.true(rendition.quality.ssim > 0.9);
  for (const output of [rendition, job.outputs.audio, job.outputs.thumbnail])
    t.is((await api.fetch('GET', output.download_url)).status, 200);
  t.true(job.outputs.hls['180p'].segments_count >= 3);

  const { events } = (await api.call('GET', `/api/jobs/${job_id}/events`)).body;
  const planned = events.find(({ type }: { type: string }) => type === 'JobPlanned');
  t.is(planned.data.plan.chunks.length, 3);
  const ran = events.filter(
    ({ type, data }: { type: string; data: { kind?: string } }) =>
      type === 'TaskSucceeded' && data.kind === 'encode-chunk',
  );
  t.true(ran.every(({ data }: { data: { worker_id: string } }) => data.worker_id.startsWith('worker-')));
  await until(
    'nothing of the chunks is left',
    () => storedKeys(system.objects, `jobs/${job_id}/tasks/`),
    (keys) => keys.length > 0 && !keys.some((key) => /\/encode-\d+\//.test(key)),
  );
  t.is((await api.fetch('GET', rendition.download_url)).status, 200);
});

test('of a trimmed long video that part is encoded in chunks, and its sound as a whole', async (t) => {
  const folder = await folderOf(t);
  const video = await makeVideo(join(folder, 'video.mp4'), { seconds: 16, size: '320x180', gop: 25 });
  const system = await startEmbedded(undefined, { ...env, PROCESSOR_SLOTS: '2' });
  t.teardown(() => system.close());
  const api = createApi(system);
  const options = { captions: false, trim: { start_s: 1.53, end_s: 14.5 } };
  const job = await api.finished((await api.upload(video, { options })).body.job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));
  t.is(chunksOf(job).length, 4);
  const { '180p': rendition, audio } = job.outputs;
  for (const { duration_s, download_url } of [rendition, audio]) {
    t.true(Math.abs(duration_s - 12.97) < 0.05, `${duration_s} s`);
    t.is((await api.fetch('GET', download_url)).status, 200);
  }
  t.true(rendition.quality.ssim > 0.9);
});

test('kill -9 in mid-chunk: only that chunk is encoded again', async (t) => {
  const folder = await folderOf(t);
  const video = await makeVideo(join(folder, 'video.mp4'), {
    seconds: 24,
    size: '1280x720',
    gop: 50,
    silent: true,
  });
  const dataFolder = join(folder, 'data');
  // A chunk takes some seconds, and is killed in its first half.
  const long = { ...env, CHUNK_SECONDS: '8' };
  const first = await startEmbedded(dataFolder, long);
  const { job_id } = (await createApi(first).upload(video)).body;
  const isInMidst = ({ status, progress }: Task) => status === 'running' && progress > 0 && progress < 50;
  const seen = await createApi(first).until(
    job_id,
    (job) => chunksOf(job).some(({ status }) => status === 'succeeded') && chunksOf(job).some(isInMidst),
  );
  const killed = chunksOf(seen).find(isInMidst)?.task_id;
  first.process.kill('SIGKILL');
  t.is(await first.process.exited, 'SIGKILL');

  const second = await startEmbedded(dataFolder, long);
  t.teardown(() => second.stop());
  const job = await createApi(second).finished(job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));
  t.is(chunksOf(job).length, 3);
  const again = job.tasks.filter(({ attempts }: Task) => attempts > 1);
  t.deepEqual(
    again.map(({ task_id }: Task) => task_id),
    [killed],
  );
  t.is(again[0]?.attempts, 2);
});
