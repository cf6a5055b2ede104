import { jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import test from 'ava';
import { by, failing, STALE, starting } from '../testing/commands.ts';
import { given } from '../testing/given.ts';
import { JOB, story, succeedCommand, WORKER, withThumbnail } from '../testing/job-story.ts';

const planned = story(withThumbnail).start('inspect').succeed('inspect');
const encoded = planned.succeed('encode').succeed('thumbnail').succeed('transcribe');
const packaged = encoded.succeed('package');
const completed = packaged.succeed('verify');
const failed = planned.start('encode').start('transcribe').fail('encode', { retryable: false });

test('I5: the first worker to start an attempt owns it', (t) => {
  given(planned.events)
    .when(starting('encode'))
    .then(t, { type: 'TaskStarted', data: { worker_id: WORKER } });
  given(planned.start('encode').events)
    .when(starting('encode', 1, 'worker-2'))
    .thenRefused(t, { ...STALE, message: /belongs to worker worker-1/ });
});

test('I5: reports from another worker are refused', (t) => {
  const running = planned.start('encode');
  given(running.events)
    .when(succeedCommand(running.state(), 'encode', 'worker-2'))
    .thenRefused(t, STALE);
  given(running.events)
    .when(failing('encode', 1, {}, 'worker-2'))
    .thenRefused(t, STALE);
  given(running.succeed('encode').events)
    .when(succeedCommand(running.state(), 'encode', 'worker-2'))
    .thenRefused(t, STALE);
  given(running.events)
    .when({
      type: 'DegradeTask',
      data: { task_id: 'encode', epoch: 1, worker_id: 'worker-2', from: 'cuda', to: 'cpu', reason: '' },
    })
    .thenRefused(t, STALE);
});

test('I5: reports from an older epoch are refused, also by the worker that owned it', (t) => {
  const first = planned.start('encode');
  const second = first.lose('encode').retry('encode');
  const late = succeedCommand(first.state(), 'encode');
  for (const state of [
    second,
    second.start('encode', 'worker-2'),
    second.succeed('encode', 'worker-2'),
    second.start('encode'),
  ]) {
    given(state.events)
      .when(late)
      .thenRefused(t, { ...STALE, message: /epoch 1 is over, the current one is 2/ });
    given(state.events).when(failing('encode')).thenRefused(t, STALE);
    given(state.events).when(starting('encode')).thenRefused(t, STALE);
  }
  given(second.events).when(starting('encode', 3)).thenRefused(t, STALE);
});

test('I5: an attempt that was given up is refused while its next one waits', (t) => {
  const waiting = planned.start('encode').lose('encode');
  given(waiting.events)
    .when(succeedCommand(waiting.state(), 'encode'))
    .thenRefused(t, { ...STALE, message: /given up/ });
  given(waiting.events).when(starting('encode')).thenRefused(t, STALE);
  given(waiting.events).when(failing('encode')).thenRefused(t, STALE);
});

test('reports about jobs and tasks that never were are refused', (t) => {
  given()
    .when(starting('inspect'))
    .thenRefused(t, { ...STALE, message: /no such job/ });
  given(planned.events)
    .when(starting('nonsense'))
    .thenRefused(t, { ...STALE, message: /no task nonsense/ });
});

test('the end of work counts also when its start was never heard of', (t) => {
  const transcribed = planned.succeed('transcribe');
  given(transcribed.events)
    .when(succeedCommand(transcribed.state(), 'encode'))
    .then(
      t,
      { type: 'TaskStarted', data: { worker_id: WORKER, epoch: 1 } },
      { type: 'TaskSucceeded' },
      { type: 'TaskScheduled', data: { task_id: 'package' } },
    );
  given(planned.events).when(failing('encode')).then(t, { type: 'TaskStarted' }, { type: 'TaskFailed' });
});

test("an owner's repeated reports change nothing", (t) => {
  const running = planned.start('encode');
  given(running.events).when(starting('encode')).thenNothing(t);
  const success = succeedCommand(running.state(), 'encode');
  given(running.succeed('encode').events).when(success).thenNothing(t);
  given(running.succeed('encode').events).when(starting('encode')).thenNothing(t);
  given(running.succeed('encode').events).when(failing('encode')).thenNothing(t);
  const optional = planned.start('transcribe').fail('transcribe', { retryable: false });
  given(optional.events)
    .when(failing('transcribe', 1, { retryable: false }))
    .thenNothing(t);
});

test('an accepted attempt stays accepted: its repeated reports are no reason to sweep its objects, also after the job ended', (t) => {
  const success = succeedCommand(planned.state(), 'encode');
  for (const ended of [
    completed,
    encoded.does({ type: 'CancelJob', data: by }),
    encoded.fail('package', { retryable: false }),
    completed.does({ type: 'DeleteJob', data: by }),
  ]) {
    given(ended.events).when(success).thenNothing(t);
    given(ended.events).when(starting('encode')).thenNothing(t);
  }
});

test('after the job ended nothing new comes of a report: what was not accepted is refused', (t) => {
  const running = planned.start('encode');
  for (const end of ['CancelJob', 'DeleteJob'] as const) {
    const ended = running.does({ type: end, data: by });
    given(ended.events).when(succeedCommand(running.state(), 'encode')).thenRefused(t, STALE);
    given(ended.events).when(failing('encode')).thenRefused(t, STALE);
    given(ended.events).when(starting('thumbnail')).thenRefused(t, STALE);
  }
});

test('a loss of acceleration is recorded once an attempt, and not after the end', (t) => {
  const running = planned.start('encode');
  const degrade = {
    type: 'DegradeTask',
    data: { task_id: 'encode', epoch: 1, worker_id: WORKER, from: 'cuda', to: 'cpu', reason: 'no NVENC' },
  } as const;
  given(running.events)
    .when(degrade)
    .then(t, { type: 'AccelerationDegraded', data: { from: 'cuda', to: 'cpu', reason: 'no NVENC' } });
  given(running.does(degrade).events).when(degrade).thenNothing(t);
  given(running.succeed('encode').does({ type: 'CancelJob', data: by }).events)
    .when(degrade)
    .thenNothing(t);
});

test('I5: a worker of the failed run is refused after the retry', (t) => {
  const again = failed.does({ type: 'RetryJob', data: by });
  given(again.events).when(succeedCommand(failed.state(), 'transcribe')).thenRefused(t, STALE);
});

test('I5: outputs name the accepted attempts only', (t) => {
  const job = planned
    .start('encode', 'worker-9')
    .lose('encode')
    .retry('encode')
    .succeed('encode', 'worker-2')
    .succeed('thumbnail')
    .succeed('transcribe')
    .succeed('package')
    .succeed('verify');
  const done = job.events.at(-1);
  if (done?.type !== 'JobCompleted') return t.fail('the job did not complete');
  const { files, folders } = done.data.outputs;
  t.true(
    Object.values(files).every(({ key }) => key.startsWith(jobPrefix(JOB)) && !key.includes('worker-9')),
  );
  t.is(files['360p.mp4']?.key, `jobs/${JOB}/tasks/encode/2-worker-2/360p.mp4`);
  t.deepEqual(folders, { 'hls/': `jobs/${JOB}/tasks/package/1-worker-1/hls/` });
});
