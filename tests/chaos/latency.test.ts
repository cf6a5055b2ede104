import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { startRealStack } from '../systems/real-stack.ts';

const JOBS = 200;

/** No assertion on time: the machine may be busy. What must hold is that every answer is visible. */
test('command to visible in the query service over real Kafka', async (t) => {
  const system = await startRealStack({ processors: 0 });
  t.teardown(() => system.close());
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-latency-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const api = createApi(system);
  const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, size: '320x240', silent: true });
  // The consumers' groups are young: the first job waits for them to settle.
  await api.until((await api.upload(video)).body.job_id, ({ status }) => status === 'queued');
  const durations: number[] = [];
  for (let index = 0; index < JOBS; index += 1) {
    const { job_id } = (await api.upload(video)).body;
    const started = performance.now();
    t.is((await api.call('POST', `/api/jobs/${job_id}/cancel`)).status, 200);
    const { body } = await api.call('GET', `/api/jobs/${job_id}`);
    durations.push(performance.now() - started);
    t.is(body.status, 'cancelled', `job ${index}`);
  }
  durations.sort((a, b) => a - b);
  const percentile = (share: number) => durations[Math.min(JOBS - 1, Math.floor(share * JOBS))]?.toFixed(1);
  t.log(
    `command, its answer and the read after it, ${JOBS} times: p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, p99 ${percentile(0.99)} ms`,
  );
});
