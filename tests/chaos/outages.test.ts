import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { type RealStack, startRealStack } from '../systems/real-stack.ts';

let system: RealStack;
let folder: string;
let video: string;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcodeflow-outages-'));
  video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, size: '320x240', silent: true });
  system = await startRealStack();
});
test.after.always(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
});

test('I8: with Redis gone reads stay right', async (t) => {
  const api = createApi(system);
  const finished = (await api.upload(video)).body.job_id;
  await api.finished(finished);
  await system.infrastructure.redis.pause();
  try {
    for (let round = 0; round < 5; round += 1) {
      const { status, body } = await api.upload(video);
      t.is(status, 200);
      t.is((await api.call('GET', `/api/jobs/${body.job_id}`)).status, 200);
      t.is((await api.call('POST', `/api/jobs/${body.job_id}/cancel`)).status, 200);
      t.is((await api.call('GET', `/api/jobs/${body.job_id}`)).body.status, 'cancelled');
    }
    t.is((await api.call('GET', `/api/jobs/${finished}`)).body.status, 'completed');
  } finally {
    await system.infrastructure.redis.unpause();
  }
  t.is((await api.call('GET', `/api/jobs/${finished}`)).body.status, 'completed');
});

test('I2: with Kafka gone for a minute uploads are accepted, and finish afterwards', async (t) => {
  const api = createApi(system);
  await system.infrastructure.kafka.kill();
  const gone = Date.now();
  const accepted: string[] = [];
  try {
    for (let round = 0; round < 4; round += 1) {
      const { status, body } = await api.upload(video);
      t.is(status, 200, JSON.stringify(body));
      accepted.push(body.job_id);
    }
    // The outage is the thing under test: it lasts as long as it lasts.
    await sleep(Math.max(0, 60_000 - (Date.now() - gone)));
  } finally {
    await system.infrastructure.kafka.start();
  }
  const back = Date.now();
  const jobs = await Promise.all(accepted.map((job_id) => api.finished(job_id)));
  t.deepEqual(
    jobs.map(({ status }) => status),
    accepted.map(() => 'completed'),
  );
  t.log(
    `${accepted.length} jobs accepted while Kafka was away ${Math.round((back - gone) / 1000)} s, all completed ${Math.round((Date.now() - back) / 1000)} s after it was started again`,
  );
});
