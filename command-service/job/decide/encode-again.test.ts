import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { by, failing, owned, STALE } from '../testing/commands.ts';
import { given } from '../testing/given.ts';
import { type Story, story, succeedCommand, WORKER } from '../testing/job-story.ts';

const CUDA = 'cuda (decode, scale, encode)';
const REFUSED = {
  code: 'gate_failed',
  message: 'The finished 360p did not pass its check: same pictures, 9.1 dB alike at 3.0 s.',
  detail: '360p: same pictures: 9.1 dB alike at 3.0 s',
  retryable: false,
};

/** The task succeeds, with hardware that had a part in it whatever its spec says. */
function onHardware(before: Story, task: string, worker = WORKER): Story {
  const command = succeedCommand(before.state(), task, worker);
  if (command.type !== 'SucceedTask') throw new Error(`${task} did not succeed`);
  const { result } = command.data;
  if (!('hardware' in result)) throw new Error(`${task} encodes nothing`);
  return before.does({
    type: 'SucceedTask',
    data: { ...command.data, result: { ...result, hardware: CUDA } },
  });
}

const planned = story({ options: { captions: false } }).succeed('inspect');
const verifying = onHardware(planned, 'encode').succeed('package').start('verify');
const again = verifying.fail('verify', REFUSED);
const newest = ({ events }: Story) => events.at(-1);

test('I10: what hardware made and the gate refuses is encoded again by the CPU, with the figures as the reason', (t) => {
  given(verifying.events)
    .when(failing('verify', 1, REFUSED))
    .then(
      t,
      { type: 'TaskFailed', data: { task_id: 'verify', error: REFUSED, retry_at: undefined } },
      {
        type: 'AccelerationDegraded',
        data: {
          ...{ task_id: 'encode', epoch: 1, worker_id: WORKER, from: CUDA, to: 'cpu' },
          reason: 'The output gate refused what was made of it. 360p: same pictures: 9.1 dB alike at 3.0 s',
        },
      },
      {
        type: 'TaskScheduled',
        data: {
          ...{ task_id: 'encode', epoch: 2, reason: 'failed' },
          spec: { kind: 'encode', acceleration: 'off' },
        },
      },
    );
});

test('I5: package and gate follow with the next epoch, and the outputs are those of the second encode', (t) => {
  const encoded = again.succeed('encode', 'worker-2');
  t.like(newest(encoded), { type: 'TaskScheduled', data: { task_id: 'package', epoch: 2 } });
  const packaged = encoded.succeed('package', 'worker-2');
  t.like(newest(packaged), { type: 'TaskScheduled', data: { task_id: 'verify', epoch: 2 } });
  const completed = newest(packaged.succeed('verify', 'worker-2'));
  if (completed?.type !== 'JobCompleted') throw new Error('not completed');
  const { files, folders } = completed.data.outputs;
  for (const key of [...Object.values(files).map((object) => object.key), ...Object.values(folders)])
    t.regex(key, /\/tasks\/\w+\/2-worker-2\//);
});

test('what the CPU made is not made again: the job fails as ever', (t) => {
  given(planned.succeed('encode').succeed('package').start('verify').events)
    .when(failing('verify', 1, REFUSED))
    .then(
      t,
      { type: 'TaskFailed' },
      { type: 'JobFailed', data: { code: 'gate_failed', reason: REFUSED.message, task_id: 'verify' } },
    );
});

test('once: the second refusal fails the job, also where a worker used its hardware against its orders', (t) => {
  for (const encoded of [again.succeed('encode'), onHardware(again, 'encode')])
    given(encoded.succeed('package').start('verify').events)
      .when(failing('verify', 2, REFUSED))
      .then(t, { type: 'TaskFailed' }, { type: 'JobFailed', data: { code: 'gate_failed' } });
});

test('another failure of the gate is tried again as it is', (t) => {
  const [failed, ...more] = given(verifying.events).when(failing('verify')).events();
  t.like(failed, { type: 'TaskFailed' });
  t.deepEqual(more, []);
});

test('the CPU stays the only one, whatever becomes of the attempt', (t) => {
  const off = { spec: { acceleration: 'off' } };
  t.like(newest(again.start('encode').fail('encode').retry('encode'))?.data, { epoch: 3, ...off });
  t.like(newest(again.start('encode').lose('encode').retry('encode'))?.data, { epoch: 3, ...off });
  const failed = again.start('encode').fail('encode', { retryable: false });
  given(failed.events)
    .when({ type: 'RetryJob', data: by })
    .then(
      t,
      { type: 'JobRetried' },
      { type: 'TaskScheduled', data: { task_id: 'encode', epoch: 3, ...off } },
    );
});

test('I5: reports of what was made of the refused encode are refused', (t) => {
  const success = verifying.events.find(
    ({ type, data }) => type === 'TaskSucceeded' && 'task_id' in data && data.task_id === 'package',
  );
  if (success?.type !== 'TaskSucceeded') throw new Error('never packaged');
  given(again.events).when({ type: 'SucceedTask', data: success.data }).thenRefused(t, STALE);
  given(again.events)
    .when({ type: 'StartTask', data: owned('package') })
    .thenRefused(t, STALE);
  given(again.events)
    .when(failing('verify', 1, REFUSED))
    .thenRefused(t, STALE);
});

test('a job that is cancelled meanwhile encodes nothing again', (t) => {
  given(verifying.does({ type: 'CancelJob', data: by }).events)
    .when(failing('verify', 1, REFUSED))
    .thenRefused(t, STALE);
});

test('in chunks: all are encoded again, and the sound is not', (t) => {
  const film = sampleMedia({ duration_s: 120, entry_points_s: [0, 39.9, 80.2] });
  const chunked = story({ chunk_s: 40, options: { captions: false } }, film).succeed('inspect');
  const encoded = onHardware(chunked.succeed('encode-1'), 'encode-2')
    .succeed('encode-3')
    .succeed('encode-audio');
  const refused = encoded.succeed('stitch').succeed('package').start('verify').fail('verify', REFUSED);
  const last = refused.events.slice(-5);
  t.deepEqual(
    last.map(({ type, data }) => [type, 'task_id' in data && data.task_id]),
    [
      ['TaskFailed', 'verify'],
      ['AccelerationDegraded', 'encode-2'],
      ['TaskScheduled', 'encode-1'],
      ['TaskScheduled', 'encode-2'],
      ['TaskScheduled', 'encode-3'],
    ],
  );
  const joined = refused
    .succeed('encode-3', 'worker-2')
    .succeed('encode-1', 'worker-2')
    .succeed('encode-2', 'worker-2');
  const stitch = newest(joined);
  t.like(stitch, { type: 'TaskScheduled', data: { task_id: 'stitch', epoch: 2 } });
  if (stitch?.type !== 'TaskScheduled' || stitch.data.spec.kind !== 'stitch') throw new Error('not joined');
  for (const { object } of stitch.data.spec.renditions.flatMap(({ chunks }) => chunks))
    t.regex(object.key, /\/encode-\d\/2-worker-2\//);
});
