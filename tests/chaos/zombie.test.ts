import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isEncoding } from '../e2e/scenarios/is-encoding.ts';
import { storedKeys } from '../e2e/scenarios/stored-keys.ts';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { startRealStack } from '../systems/real-stack.ts';
import { until } from '../systems/until.ts';

interface HistoryEvent {
  type: string;
  time: string;
  data: { kind?: string; epoch?: number; worker_id?: string };
}

test('I5: a processor that was stopped past its lease is refused when it wakes, and its objects are swept', async (t) => {
  const system = await startRealStack();
  t.teardown(() => system.close());
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-zombie-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const api = createApi(system);
  const { job_id } = (
    await api.upload(await makeVideo(join(folder, 'video.mp4'), { seconds: 15, size: '1280x720' }))
  ).body;
  await api.until(job_id, isEncoding);

  const [zombie] = system.processors;
  if (!zombie) throw new Error('There is no processor');
  await system.startProcessor();
  zombie.kill('SIGSTOP');
  t.teardown(async () => zombie.kill('SIGCONT'));
  const job = await api.finished(job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));

  const history: HistoryEvent[] = (await api.call('GET', `/api/jobs/${job_id}/events`)).body.events;
  const lost = history.find(({ type, data }) => type === 'TaskLost' && data.kind === 'encode');
  const encoded = history.filter(({ type, data }) => type === 'TaskSucceeded' && data.kind === 'encode');
  t.is(lost?.data.epoch, 1);
  t.deepEqual(
    encoded.map(({ data }) => data.epoch),
    [2],
    'one attempt was accepted, the second',
  );
  t.not(encoded[0]?.data.worker_id, lost?.data.worker_id);

  // Its ffmpeg ran on while it was stopped: it wakes up and wants to deliver.
  zombie.kill('SIGCONT');
  await zombie.printed(/"task_id":"encode","epoch":1.*"msg":"task (stopped|succeeded)"/, 60_000);
  const keys = await until(
    'nothing of the lost attempt is left',
    () => storedKeys(system.objects, `jobs/${job_id}/tasks/encode/`),
    (left) => left.every((key) => key.includes('/encode/2-')),
    30_000,
  );
  t.true(keys.length > 0);
  const { body } = await api.call('GET', `/api/jobs/${job_id}`);
  t.is(body.status, 'completed');
  t.is(body.revision, job.revision, 'the zombie changed nothing');
  t.is((await api.fetch('GET', body.outputs['360p'].download_url)).status, 200);
  const seconds = (Date.parse(encoded[0]?.time ?? '') - Date.parse(lost?.time ?? '')) / 1000;
  t.log(`lost, dispatched again and encoded ${seconds.toFixed(1)} s later`);
});
