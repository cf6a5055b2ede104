import test from 'ava';
import { by, failing, STALE } from '../testing/commands.ts';
import { given, NOW } from '../testing/given.ts';
import { story, succeedCommand, withThumbnail } from '../testing/job-story.ts';

const planned = story(withThumbnail).start('inspect').succeed('inspect');
const encoded = planned.succeed('encode').succeed('thumbnail').succeed('transcribe');
const packaged = encoded.succeed('package');
const completed = packaged.succeed('verify');
const failed = planned.start('encode').start('transcribe').fail('encode', { retryable: false });

test('I7: cancelling wins while the job is open, and completion is refused from then on', (t) => {
  given(packaged.start('verify').events)
    .when({ type: 'CancelJob', data: { ...by, reason: 'wrong file' } })
    .then(t, { type: 'JobCancelled', data: { by: 'key-1', reason: 'wrong file' } });
  const cancelled = packaged.start('verify').does({ type: 'CancelJob', data: by });
  given(cancelled.events)
    .when(succeedCommand(packaged.state(), 'verify'))
    .thenRefused(t, { ...STALE, message: /the job is cancelled/ });
});

test('I7: completion wins when it is first, and cancelling is refused from then on', (t) => {
  given(completed.events)
    .when({ type: 'CancelJob', data: by })
    .thenRefused(t, { code: 'already_finished', message: /already completed/ });
  given(failed.events)
    .when({ type: 'CancelJob', data: by })
    .thenRefused(t, { code: 'already_finished', message: /already failed/ });
  given(packaged.does({ type: 'CancelJob', data: by }).events)
    .when({ type: 'CancelJob', data: by })
    .thenRefused(t, { code: 'already_finished' });
});

test('a queued job can be cancelled before anything ran', (t) => {
  given(story().events).when({ type: 'CancelJob', data: by }).then(t, { type: 'JobCancelled' });
});

test('a retried job goes on from its finished tasks, each unfinished one with a new epoch', (t) => {
  given(failed.events)
    .when({ type: 'RetryJob', data: by })
    .then(
      t,
      { type: 'JobRetried', data: by },
      { type: 'TaskScheduled', data: { task_id: 'encode', epoch: 2, reason: 'job_retried' } },
      { type: 'TaskScheduled', data: { task_id: 'thumbnail', epoch: 2 } },
      { type: 'TaskScheduled', data: { task_id: 'transcribe', epoch: 2 } },
    );
  const late = packaged.start('verify').fail('verify', { retryable: false });
  given(late.events)
    .when({ type: 'RetryJob', data: by })
    .then(t, { type: 'JobRetried' }, { type: 'TaskScheduled', data: { task_id: 'verify', epoch: 2 } });
  t.is(late.does({ type: 'RetryJob', data: by }).succeed('verify').state()?.status, 'completed');
});

test('a job whose inspection failed is inspected again when it is retried', (t) => {
  const uninspected = story().start('inspect').fail('inspect', { retryable: false });
  given(uninspected.events)
    .when({ type: 'RetryJob', data: by })
    .then(t, { type: 'JobRetried' }, { type: 'TaskScheduled', data: { task_id: 'inspect', epoch: 2 } });
});

test('a retried job has all its attempts again', (t) => {
  let exhausted = planned;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    exhausted = exhausted.start('encode').fail('encode');
    if (attempt < 3) exhausted = exhausted.retry('encode');
  }
  t.is(exhausted.state()?.status, 'failed');
  const again = exhausted.does({ type: 'RetryJob', data: by }).start('encode');
  given(again.events)
    .when(failing('encode', 4))
    .then(t, {
      type: 'TaskFailed',
      data: { epoch: 4, retry_at: new Date(NOW.getTime() + 1_500).toISOString() },
    });
});

test('only a failed job can be retried', (t) => {
  for (const job of [planned, completed, planned.does({ type: 'CancelJob', data: by })])
    given(job.events).when({ type: 'RetryJob', data: by }).thenRefused(t, { code: 'not_retryable' });
});

test('any job can be deleted, once; what never was or is gone is not found', (t) => {
  for (const job of [story(), planned, completed, failed])
    given(job.events).when({ type: 'DeleteJob', data: by }).then(t, { type: 'JobDeleted', data: by });
  const deleted = completed.does({ type: 'DeleteJob', data: by });
  for (const type of ['DeleteJob', 'CancelJob', 'RetryJob'] as const) {
    given(deleted.events).when({ type, data: by }).thenRefused(t, { code: 'job_not_found' });
    given().when({ type, data: by }).thenRefused(t, { code: 'job_not_found' });
  }
});
