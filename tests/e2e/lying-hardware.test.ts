import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { startProcessManager } from '../../command-service/process-manager/process-manager.ts';
import { openCore } from '../../command-service/testing/core.ts';
import { installFakeFfmpeg } from '../../processors/ffmpeg/testing/install-fake-ffmpeg.ts';
import { picture, tone, x264 } from '../../processors/ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../processors/ffmpeg/testing/task-bench.ts';
import { createReporter } from '../../processors/worker/reporter.ts';
import { startWorker } from '../../processors/worker/worker.ts';

const ENDS = ['JobCompleted', 'JobFailed'];

/**
 * A job through store, relay, process manager and worker, on a machine whose only fault is that its encoder lies: it
 * ends without an error and has encoded negatives. A fake plays it with the real ffmpeg.
 * @param where which runs of ffmpeg are the device's
 */
async function transcode(t: ExecutionContext, where = '_nvenc'): Promise<readonly JobEvent[]> {
  const core = await openCore(t);
  const { url, bus, commands } = core;
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  core.closeAtEnd(deadLetters);
  const bench = await openTaskBench();
  core.closeAtEnd(bench);
  core.closeAtEnd(
    await startProcessManager({ url, bus, commands, deadLetters, log: silentLogger, soleProcessor: true }),
  );
  core.relay();
  const fake = await installFakeFfmpeg(join(bench.folder, 'fake'), bench.tools, where, [
    { do: 'encode-negatives', ffmpeg: bench.tools.ffmpeg },
  ]);
  const workRoot = join(bench.folder, 'work');
  await mkdir(workRoot);
  const usable = [{ kind: 'cuda' as const, decode: false, encode: true, codecs: ['h264' as const] }];
  core.closeAtEnd(
    await startWorker({
      ...{ bus, workRoot, slots: 2, workerId: 'worker-1', log: silentLogger },
      objects: bench.objects,
      web: (await bench.attempt()).web,
      tools: { ...fake.tools, hardware: { mode: 'auto', usable, rejected: [] } },
      reporter: createReporter(bus, 'worker-1', silentLogger),
    }),
  );
  const source = await bench.upload(
    await bench.make('source.mp4', ...picture('640x360', ':rate=25:duration=2'), ...tone(2), ...x264),
  );
  const job_id = randomUUID();
  const options = { captions: false };
  const data = { job_id, ...sampleRequest(job_id, { source, options }) };
  await commands.execute(job_id, { type: 'RequestJob', data }, { correlation_id: 'test' });
  const read = async () => (await core.store.read(jobStream(job_id))) as unknown as JobEvent[];
  await until('the job ends', async () => (await read()).some(({ type }) => ENDS.includes(type)), 90_000);
  return read();
}

test.serial(
  'I10: an encoder that lies costs an encode, not the job: the CPU does it again and the outputs are right',
  async (t) => {
    const events = await transcode(t);
    const of = (type: JobEvent['type'], task?: string) =>
      events.filter(
        ({ type: each, data }) => each === type && (!task || ('task_id' in data && data.task_id === task)),
      );
    t.is(of('JobFailed').length, 0);
    const [refused] = of('TaskFailed', 'verify');
    if (refused?.type === 'TaskFailed')
      t.regex(refused.data.error.detail ?? '', /360p: same pictures: -?\d+\.\d dB/);
    const [degraded] = of('AccelerationDegraded');
    if (degraded?.type === 'AccelerationDegraded') {
      t.like(degraded.data, { task_id: 'encode', epoch: 1, to: 'cpu' });
      t.regex(degraded.data.reason, /360p: same pictures: -?\d+\.\d dB/);
    }
    const encodes = of('TaskSucceeded', 'encode');
    t.deepEqual(
      encodes.map(({ data }) => 'result' in data && data.result.kind === 'encode' && data.result.hardware),
      ['cpu (decode, scale) + cuda (encode)', 'cpu'],
    );
    t.deepEqual(
      ['package', 'verify'].map((task) => of('TaskScheduled', task).length),
      [2, 2],
    );
    const [completed] = of('JobCompleted');
    if (completed?.type !== 'JobCompleted') return t.fail('not completed');
    const rendition = completed.data.outputs.renditions['360p'];
    t.true(rendition?.available && (rendition.quality?.ssim ?? 0) > 0.9);
    t.true(Object.values(completed.data.outputs.files).every(({ key }) => key.includes('/2-worker-1/')));
  },
);

test.serial('I10: what no encoder gets right fails the job, which names what was measured', async (t) => {
  const events = await transcode(t, '-f tee');
  const end = events.at(-1);
  if (end?.type !== 'JobFailed') return t.fail(`${end?.type}`);
  t.like(end.data, { code: 'gate_failed', task_id: 'verify' });
  t.regex(end.data.reason, /^The finished 360p did not pass its check: same pictures, -?\d+\.\d dB alike/);
  const refused = events.flatMap((event) =>
    event.type === 'TaskFailed' && event.data.task_id === 'verify' ? [event.data.error.detail ?? ''] : [],
  );
  t.is(refused.length, 2);
  for (const detail of refused) t.regex(detail, /^360p: same pictures: -?\d+\.\d dB alike at \d+\.\d+ s/);
});
