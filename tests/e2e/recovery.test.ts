import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { ffmpegBelow } from '../systems/ffmpeg-processes.ts';
import { until } from '../systems/until.ts';
import { isEncoding } from './scenarios/is-encoding.ts';
import { storedKeys } from './scenarios/stored-keys.ts';

const encodeOf = (job: { tasks: { kind: string; attempts: number }[] }) =>
  job.tasks.find((task) => task.kind === 'encode');
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('kill -9 in the middle of an encode: the next start finishes the job by itself', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-recovery-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const video = await makeVideo(join(folder, 'video.mp4'), { seconds: 20, size: '1280x720' });
  const dataFolder = join(folder, 'data');

  const first = await startEmbedded(dataFolder);
  const { body } = await createApi(first).upload(video);
  await createApi(first).until(body.job_id, isEncoding);
  const encoders = await ffmpegBelow(first.process.pid);
  t.true(encoders.length > 0);
  first.process.kill('SIGKILL');
  t.is(await first.process.exited, 'SIGKILL');
  await until(
    'its ffmpeg went with it',
    () => encoders.filter(isRunning),
    (left) => left.length === 0,
    10_000,
  );

  const second = await startEmbedded(dataFolder);
  const job = await createApi(second).finished(body.job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));
  t.is(encodeOf(job)?.attempts, 2);
  t.is(
    job.tasks.find((task: { kind: string }) => task.kind === 'inspect').attempts,
    1,
    'finished parts are not done again',
  );
  const keys = await until(
    'no leftovers of the lost attempt',
    () => storedKeys(second.objects, `jobs/${job.job_id}/tasks/encode/`),
    (left) => left.every((key) => key.includes('/encode/2-')),
  );
  t.true(keys.length > 0);
  await second.stop();
});

test('SIGTERM in the middle of an encode hands the task back, and the next start goes on at once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-recovery-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const video = await makeVideo(join(folder, 'video.mp4'), { seconds: 20, size: '1280x720', silent: true });
  const dataFolder = join(folder, 'data');

  const first = await startEmbedded(dataFolder);
  const { body } = await createApi(first).upload(video);
  await createApi(first).until(body.job_id, isEncoding);
  await first.stop();

  const second = await startEmbedded(dataFolder);
  const job = await createApi(second).finished(body.job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));
  const { body: history } = await createApi(second).call('GET', `/api/jobs/${body.job_id}/events`);
  const handedBack = history.events.find((event: { type: string }) => event.type === 'TaskFailed');
  t.is(handedBack.data.error.code, 'interrupted');
  await second.stop();
});
