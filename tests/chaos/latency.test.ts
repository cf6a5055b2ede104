import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { startRealStack } from '../systems/real-stack.ts';

const WARM_UP = 100;
const JOBS = 300;

const percentiles = (durations: readonly number[]) => {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
};

/** No assertion on time: the machine may be busy. What must hold is that every answer is visible. */
test('command to visible in the query service over real Kafka', async (t) => {
  const system = await startRealStack({ processors: 0 });
  t.teardown(() => system.close());
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-latency-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const api = createApi(system);
  const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, size: '320x240', silent: true });
  // Uploads are commands of their own: all of them first, so that nothing else goes on while a cancel is on its way.
  const jobs: string[] = [];
  while (jobs.length < WARM_UP + JOBS) jobs.push((await api.upload(video)).body.job_id);
  for (const id of jobs) await api.until(id, ({ status }) => status === 'queued');
  const commands: number[] = [];
  const withRead: number[] = [];
  for (const [index, id] of jobs.entries()) {
    const started = performance.now();
    t.is((await api.call('POST', `/api/jobs/${id}/cancel`)).status, 200);
    // The answer comes when the query side shows it (I8), which the read proves.
    const answered = performance.now();
    const { body } = await api.call('GET', `/api/jobs/${id}`);
    t.is(body.status, 'cancelled', `job ${index}`);
    if (index < WARM_UP) continue;
    commands.push(answered - started);
    withRead.push(performance.now() - started);
  }
  t.log(`command to visible, ${JOBS} times after ${WARM_UP} to warm up: ${percentiles(commands)}`);
  t.log(`the same with the read that shows it: ${percentiles(withRead)}`);
});
