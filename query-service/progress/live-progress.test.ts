import { randomUUID } from 'node:crypto';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test from 'ava';
import { followProgress } from './live-progress.ts';

test('I9: heartbeats that cannot be read are passed over, and the next ones are seen', async (t) => {
  const bus = createInProcessBus();
  const live = await followProgress(bus, silentLogger);
  t.teardown(async () => {
    await live.close();
    await bus.close();
  });
  const job_id = randomUUID();
  const beat = (data: unknown) =>
    toMessage(topics.progress, job_id, {
      id: randomUUID(),
      type: 'TaskProgress',
      source: '/test',
      subject: job_id,
      time: new Date().toISOString(),
      data,
    });
  const good = { job_id, task_id: 'encode', epoch: 2, worker_id: 'w', kind: 'encode', fraction: 0.5 };
  await bus.publish([
    { topic: topics.progress, key: job_id, headers: {}, value: Buffer.from('not JSON') },
    { ...beat(good), value: Buffer.from('{') },
    beat({ ...good, fraction: 7 }),
    beat(good),
  ]);
  t.is(live.of(job_id, 'encode', 2)?.fraction, 0.5);
  t.is(live.of(job_id, 'encode', 1), undefined);
});
