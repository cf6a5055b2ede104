import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { type ChildService, stopCleanly } from '../systems/child-service.ts';
import { startRealStack } from '../systems/real-stack.ts';
import { until } from '../systems/until.ts';

const JOBS = 40;

/** `job/task` of every task that a processor ran to its end, from its log. */
const ended = (processor: ChildService): string[] =>
  [...processor.output().matchAll(/"job_id":"([^"]+)","task_id":"([^"]+)".*"msg":"task succeeded"/g)].map(
    ([, job, task]) => `${job}/${task}`,
  );

test('I6: processors scaled from 1 to 4 and back during work: no task is run twice to the end', async (t) => {
  const system = await startRealStack();
  t.teardown(() => system.close());
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-scaling-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const api = createApi(system);
  const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, size: '320x240', silent: true });
  const jobs: string[] = [];
  for (let index = 0; index < JOBS; index += 1) jobs.push((await api.upload(video)).body.job_id);

  const completed = async () =>
    (await api.call('GET', '/api/jobs/stats')).body.status_breakdown.completed as number;
  await until('the first jobs are done', completed, (count) => count >= 2, 120_000);
  const added = await Promise.all([
    system.startProcessor(),
    system.startProcessor(),
    system.startProcessor(),
  ]);
  const before = await completed();
  await until(
    'all processors are at work',
    () => added.every((one) => ended(one).length > 0),
    Boolean,
    120_000,
  );
  t.true((await completed()) < JOBS, 'there is still work when they leave');
  for (const one of added) {
    system.processors.splice(system.processors.indexOf(one), 1);
    await stopCleanly('processors', one);
  }
  const states = await Promise.all(jobs.map((job_id) => api.finished(job_id)));
  t.deepEqual(
    states.map(({ status }) => status),
    jobs.map(() => 'completed'),
  );
  const ran = [...system.processors, ...added].flatMap(ended);
  const twice = ran.filter((task, index) => ran.indexOf(task) !== index);
  t.deepEqual(twice, []);
  const share = added.map((one) => ended(one).length).join(', ');
  t.log(
    `${JOBS} jobs, ${ran.length} tasks, each once; ${share} by the processors that came and went (${before} jobs were done when they came)`,
  );
});
