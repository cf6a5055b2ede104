import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { fromMessage, toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { parseTaskReport, type TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { childCommands } from '../ffmpeg/testing/child-commands.ts';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { picture, x264 } from '../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { inspect } from '../tasks/inspect/inspect.ts';
import { createReporter } from './reporter.ts';
import { timeLimit } from './time-limit.ts';
import { startWorker } from './worker.ts';

const JOB = '01890a5d-ac96-774b-bcce-b302099a8057';
const WORKER = 'worker-1';
/** Seconds that the encode may take, of the many that it would. */
const LIMIT_S = 1.5;

test('a real encode that takes longer than it may is ended by its worker, which says so and is free again', async (t) => {
  const bench = await openTaskBench();
  const running = async () => (await childCommands()).filter((command) => command.includes(bench.folder));
  const bus = createInProcessBus();
  const reports: TaskReport[] = [];
  await bus.subscribe({
    group: 'manager',
    topics: [topics.processing],
    handler: async ({ messages }) =>
      void reports.push(...messages.map(fromMessage).map(({ type, data }) => parseTaskReport(type, data))),
  });
  const path = await bench.make('long.mp4', ...picture('1280x720', ':rate=25:duration=20'), ...x264);
  const source = await bench.upload(path);
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const { renditions, ...rest } = encodeSpec(source, media);
  const spec = { ...rest, renditions: renditions.map((each) => ({ ...each, preset: 'veryslow' })) };
  const workRoot = join(bench.folder, 'root');
  await mkdir(workRoot);
  const worker = await startWorker({
    ...{ bus, workRoot, slots: 1, workerId: WORKER, log: silentLogger },
    objects: bench.objects,
    web: (await bench.attempt()).web,
    tools: bench.tools,
    reporter: createReporter(bus, WORKER, silentLogger),
    timeFactor: LIMIT_S / (timeLimit(spec) ?? 1),
  });
  t.teardown(async () => {
    await worker.close();
    await bus.close();
    await bench.close();
  });
  await bus.publish([
    toMessage(topics.tasks.normal, undefined, {
      id: 'task-1',
      type: 'TaskScheduled',
      source: '/test',
      subject: JOB,
      time: new Date().toISOString(),
      revision: 2,
      data: { task_id: 'encode', kind: 'encode', epoch: 1, priority: 'normal', reason: 'planned', spec },
    }),
  ]);
  await until('ffmpeg runs', async () => (await running()).length > 0);
  await until('the attempt ends', () => reports.length > 1, 60_000);
  t.deepEqual(
    reports.map(({ type }) => type),
    ['TaskStarted', 'TaskFailed'],
  );
  const [, failed] = reports;
  if (failed?.type !== 'TaskFailed') return t.fail('it did not fail');
  t.like(failed.data, { task_id: 'encode', epoch: 1, error: { code: 'time_limit', retryable: true } });
  t.is(failed.data.error.detail, 'not done after 1.500 s (TASK_TIME_FACTOR)');
  t.true(failed.data.commands.some((command) => command.includes('libx264')));
  t.deepEqual(await running(), []);
  for await (const { key } of bench.objects.list(jobPrefix(JOB))) t.fail(key);
  await until(
    'the slot is free',
    async () => worker.running() === 0 && (await readdir(workRoot)).length === 0,
  );
});
