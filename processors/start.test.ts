import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { fromMessage, toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { v7 as uuidv7 } from 'uuid';
import { picture, x264 } from './ffmpeg/testing/sources.ts';
import { openTaskBench } from './ffmpeg/testing/task-bench.ts';
import { remoteStore } from './source/testing/remote-store.ts';
import { startProcessor } from './start.ts';

for (const [what, objectCache_bytes, requests] of [
  ['keeps what it fetches for the next task, unless told otherwise', undefined, 1],
  ['told to keep nothing fetches for each task', 0, 2],
] as const)
  test.serial(`a processor ${what}, and leaves no file behind`, async (t) => {
    const bench = await openTaskBench();
    const bus = createInProcessBus();
    const workFolder = await mkdtemp(join(tmpdir(), 'start-processor-'));
    t.teardown(async () => {
      await bus.close();
      await bench.close();
      await rm(workFolder, { recursive: true, force: true });
    });
    const source = await bench.upload(await bench.make('film.mp4', ...picture('320x180'), ...x264));
    const remote = remoteStore(bench.objects);
    const succeeded: string[] = [];
    await bus.subscribe({
      group: 'manager',
      topics: [topics.processing],
      handler: async ({ messages }) => {
        for (const { type, subject } of messages.map(fromMessage))
          if (type === 'TaskSucceeded') succeeded.push(subject);
      },
    });
    const log = silentLogger;
    const processor = await startProcessor({ bus, objects: remote, log, workFolder, objectCache_bytes });
    const spec: TaskSpec = { kind: 'inspect', source, filename: 'film.mp4' };
    for (const count of [1, 2]) {
      const job = uuidv7();
      const event = { id: job, type: 'TaskScheduled', source: '/test', subject: job };
      const data = {
        task_id: 'inspect',
        kind: 'inspect',
        epoch: 1,
        priority: 'normal',
        reason: 'planned',
        spec,
      };
      await bus.publish([
        toMessage(topics.tasks.normal, undefined, {
          ...event,
          time: new Date().toISOString(),
          revision: 2,
          correlationid: 'request-1',
          data,
        }),
      ]);
      await until(`${count} done`, () => succeeded.length === count);
    }
    t.is(remote.sent(source.key).requests, requests);
    await processor.close();
    t.deepEqual(await readdir(workFolder), []);
  });
