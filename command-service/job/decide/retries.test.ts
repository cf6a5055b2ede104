import test from 'ava';
import { by, failing, losing, redispatching, retrying, starting } from '../testing/commands.ts';
import { given, NOW } from '../testing/given.ts';
import { story, WORKER, withThumbnail } from '../testing/job-story.ts';

const planned = story(withThumbnail).start('inspect').succeed('inspect');
test('a failure that no attempt can mend fails the job at once, with its sentence', (t) => {
  given(planned.start('encode').events)
    .when(
      failing('encode', 1, {
        retryable: false,
        code: 'no_video_stream',
        message: 'There is no video in this file',
      }),
    )
    .then(
      t,
      { type: 'TaskFailed', data: { task_id: 'encode', commands: [['ffmpeg', '-i']], retry_at: undefined } },
      {
        type: 'JobFailed',
        data: { code: 'no_video_stream', reason: 'There is no video in this file', task_id: 'encode' },
      },
    );
});

test('a failed attempt is retried with exponential back-off: 2 s, 4 s, each down to half', (t) => {
  const encoding = planned.start('encode');
  const due = (events: readonly { type: string; data: object }[]) => {
    const [{ data } = { data: {} }] = events;
    return 'retry_at' in data ? Date.parse(String(data.retry_at)) - NOW.getTime() : undefined;
  };
  t.is(due(given(encoding.events).when(failing('encode'), { jitter: 0 }).events()), 1_000);
  t.is(due(given(encoding.events).when(failing('encode'), { jitter: 1 }).events()), 2_000);
  const second = encoding.fail('encode').retry('encode').start('encode');
  t.is(due(given(second.events).when(failing('encode', 2), { jitter: 0 }).events()), 2_000);
  t.is(due(given(second.events).when(failing('encode', 2), { jitter: 1 }).events()), 4_000);
});

test('a retry that is due dispatches the task with the next epoch and the same work', (t) => {
  const waiting = planned.start('encode').fail('encode');
  given(waiting.events)
    .when(retrying('encode'))
    .then(t, { type: 'TaskScheduled', data: { task_id: 'encode', epoch: 2, reason: 'failed' } });
  given(planned.start('encode').lose('encode').events)
    .when(retrying('encode'))
    .then(t, { type: 'TaskScheduled', data: { epoch: 2, reason: 'lost' } });
});

test('a task that nobody has started goes out again with the next epoch; its first message, late, is refused', (t) => {
  const queued = story(withThumbnail).start('inspect').succeed('inspect');
  const again = given(queued.events).when(redispatching('encode'));
  again.then(t, { type: 'TaskScheduled', data: { task_id: 'encode', epoch: 2, reason: 'lost' } });
  t.throws(
    () =>
      given([...queued.events, ...again.events()])
        .when(starting('encode', 1))
        .events(),
    {
      name: 'StaleAttemptError',
    },
  );
  given(queued.start('encode').events).when(redispatching('encode')).then(t);
  given(planned.start('encode').fail('encode').events).when(redispatching('encode')).then(t);
  given(queued.events).when(redispatching('encode', 2)).then(t);
});

test('a retry that came due changes nothing when its attempt is no longer the one that waits', (t) => {
  const waiting = planned.start('encode').fail('encode');
  given(waiting.retry('encode').events).when(retrying('encode')).thenNothing(t);
  given(waiting.retry('encode').events).when(retrying('encode', 2)).thenNothing(t);
  given(waiting.does({ type: 'CancelJob', data: by }).events)
    .when(retrying('encode'))
    .thenNothing(t);
  given().when(retrying('encode')).thenNothing(t);
});

test('the third failure is the last', (t) => {
  const third = planned
    .start('encode')
    .fail('encode')
    .retry('encode')
    .start('encode')
    .fail('encode')
    .retry('encode')
    .start('encode');
  given(third.events)
    .when(failing('encode', 3))
    .then(
      t,
      { type: 'TaskFailed', data: { epoch: 3, retry_at: undefined } },
      { type: 'JobFailed', data: { code: 'ffmpeg_failed' } },
    );
});

test('a lost attempt is retried; the sixth loss fails the job and says why', (t) => {
  let running = planned.start('encode');
  given(running.events)
    .when(losing('encode'), { jitter: 0 })
    .then(t, {
      type: 'TaskLost',
      data: { worker_id: WORKER, retry_at: new Date(NOW.getTime() + 1_000).toISOString() },
    });
  for (let loss = 1; loss <= 5; loss += 1) running = running.lose('encode').retry('encode').start('encode');
  given(running.events)
    .when(losing('encode', 6))
    .then(
      t,
      { type: 'TaskLost', data: { epoch: 6, retry_at: undefined } },
      {
        type: 'JobFailed',
        data: {
          code: 'task_lost',
          reason: 'The encode step was interrupted 6 times: the machines that ran it went away',
        },
      },
    );
});

test('losses and failures are counted apart', (t) => {
  let running = planned.start('encode');
  for (let loss = 1; loss <= 4; loss += 1) running = running.lose('encode').retry('encode').start('encode');
  given(running.events)
    .when(failing('encode', 5))
    .then(t, {
      type: 'TaskFailed',
      data: { epoch: 5, retry_at: new Date(NOW.getTime() + 1_500).toISOString() },
    });
});

test('an attempt handed back by a stopping worker goes on at once and counts as a loss', (t) => {
  const interrupted = { code: 'interrupted', message: 'The machine was stopped' };
  given(planned.start('encode').events)
    .when(failing('encode', 1, interrupted))
    .then(t, { type: 'TaskFailed', data: { retry_at: NOW.toISOString() } });
  let running = planned.start('encode');
  for (let loss = 1; loss <= 5; loss += 1)
    running = running.fail('encode', interrupted).retry('encode').start('encode');
  given(running.events)
    .when(failing('encode', 6, interrupted))
    .then(
      t,
      { type: 'TaskFailed', data: { retry_at: undefined } },
      { type: 'JobFailed', data: { code: 'interrupted' } },
    );
});

test('a lease that lapses changes nothing when the attempt was never started, ended, or is not the current one', (t) => {
  given(planned.events).when(losing('encode')).thenNothing(t);
  given(planned.start('encode').succeed('encode').events).when(losing('encode')).thenNothing(t);
  given(planned.start('encode').fail('encode').events).when(losing('encode')).thenNothing(t);
  given(planned.start('encode').lose('encode').retry('encode').start('encode').events)
    .when(losing('encode'))
    .thenNothing(t);
  given(planned.start('encode').does({ type: 'CancelJob', data: by }).events)
    .when(losing('encode'))
    .thenNothing(t);
  given(planned.events).when(losing('nonsense')).thenNothing(t);
  given().when(losing('encode')).thenNothing(t);
});

test('a task whose hardware has no place free is put off with a longer wait each time, and fails nothing', (t) => {
  const busy = { code: 'hardware_busy', message: 'No place free' };
  let running = planned.start('encode').fail('encode').retry('encode').start('encode');
  const waits: number[] = [];
  for (let time = 1; time <= 8; time += 1) {
    const [failed] = given(running.events)
      .when(failing('encode', time + 1, busy), { jitter: 1 })
      .events();
    if (failed?.type === 'TaskFailed') waits.push(Date.parse(failed.data.retry_at ?? '') - NOW.getTime());
    running = running.fail('encode', busy);
    given(running.events)
      .when(retrying('encode', time + 1))
      .then(t, { type: 'TaskScheduled', data: { epoch: time + 2, postponed: time } });
    running = running.retry('encode').start('encode');
  }
  t.deepEqual(
    waits.map((ms) => ms / 1_000),
    [2, 4, 8, 16, 32, 64, 120, 120],
  );
  t.like(running.state()?.tasks.encode, { failures: 1, losses: 0, postponed: 8 });
});

test('a task whose machine has no disk space is put off in the same way', (t) => {
  const full = { code: 'disk_full', message: 'No space' };
  const running = planned.start('encode').fail('encode', full).retry('encode').start('encode');
  t.like(running.state()?.tasks.encode, { failures: 0, postponed: 1 });
});

test('hardware that has had no place free twenty times fails its task like anything else', (t) => {
  const busy = { code: 'hardware_busy', message: 'No place free' };
  let running = planned.start('encode');
  for (let time = 1; time <= 22; time += 1)
    running = running.fail('encode', busy).retry('encode').start('encode');
  t.like(running.state()?.tasks.encode, { failures: 2, postponed: 20 });
  given(running.events)
    .when(failing('encode', 23, busy))
    .then(
      t,
      { type: 'TaskFailed', data: { retry_at: undefined } },
      { type: 'JobFailed', data: { code: 'hardware_busy', reason: 'No place free' } },
    );
});
