import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { by, failing, losing } from '../testing/commands.ts';
import { given } from '../testing/given.ts';
import { JOB, request, story, succeedCommand } from '../testing/job-story.ts';

const film = sampleMedia({ duration_s: 120, entry_points_s: [0, 39.9, 80.2] });
const chunked = { chunk_s: 40 };
const planned = story(chunked, film).succeed('inspect');
const encoded = planned
  .succeed('encode-1', 'worker-1')
  .succeed('encode-2', 'worker-2')
  .succeed('encode-3', 'worker-1')
  .succeed('encode-audio', 'worker-2')
  .succeed('transcribe');

test('the length of chunks is that of the day the job was asked for', (t) => {
  given()
    .when(request(), { chunk_s: 40 })
    .then(
      t,
      { type: 'JobRequested', data: { chunk_s: 40 } },
      { type: 'TaskScheduled', data: { task_id: 'inspect', spec: { kind: 'inspect', chunk_s: 40 } } },
    );
  given()
    .when(request())
    .then(t, { type: 'JobRequested', data: { chunk_s: undefined } }, { type: 'TaskScheduled' });
});

test('every chunk is dispatched at once, each with its own part and without the sound', (t) => {
  const start = story(chunked, film);
  given(start.events)
    .when(succeedCommand(start.state(), 'inspect', 'worker-1', film))
    .then(
      t,
      { type: 'TaskStarted' },
      { type: 'TaskSucceeded' },
      { type: 'SourceInspected' },
      { type: 'JobPlanned' },
      {
        type: 'TaskScheduled',
        data: {
          task_id: 'encode-1',
          kind: 'encode-chunk',
          spec: { chunk: { number: 1, from_s: 0, to_s: 39.9 } },
        },
      },
      { type: 'TaskScheduled', data: { task_id: 'encode-2', spec: { chunk: { number: 2 }, first_s: 0 } } },
      { type: 'TaskScheduled', data: { task_id: 'encode-3', spec: { chunk: { number: 3, from_s: 80.2 } } } },
      { type: 'TaskScheduled', data: { task_id: 'encode-audio', spec: { kind: 'encode', renditions: [] } } },
      { type: 'TaskScheduled', data: { task_id: 'transcribe' } },
    );
  const task = planned.state()?.tasks['encode-1'];
  t.false('audio' in (task?.spec ?? {}));
  t.deepEqual(
    planned.events.filter(({ data }) => 'spec' in data && JSON.stringify(data.spec).includes('entry_points')),
    [],
    'what only the plan needs is in no message',
  );
});

test('a lost chunk: only that one is dispatched again', (t) => {
  const running = planned.succeed('encode-1').start('encode-2', 'worker-2').start('encode-3');
  given(running.events)
    .when(losing('encode-2'))
    .then(t, { type: 'TaskLost', data: { task_id: 'encode-2' } });
  const lost = running.lose('encode-2');
  given(lost.events)
    .when({ type: 'RetryTask', data: { task_id: 'encode-2', epoch: 1 } })
    .then(t, { type: 'TaskScheduled', data: { task_id: 'encode-2', epoch: 2, reason: 'lost' } });
  const tasks = lost.retry('encode-2').state()?.tasks;
  t.like(tasks, {
    'encode-1': { epoch: 1, status: 'succeeded' },
    'encode-3': { epoch: 1, status: 'running' },
  });
});

test('a chunk that fails for good fails the job; a retry repeats only what had not succeeded', (t) => {
  const running = planned.succeed('encode-1').start('encode-2');
  given(running.events)
    .when(failing('encode-2', 1, { retryable: false }))
    .then(t, { type: 'TaskFailed' }, { type: 'JobFailed', data: { task_id: 'encode-2' } });
  const failed = running.fail('encode-2', { retryable: false });
  const again = given(failed.events).when({ type: 'RetryJob', data: by }).events();
  const scheduled = again.flatMap((event) => (event.type === 'TaskScheduled' ? [event.data.task_id] : []));
  t.true(scheduled.includes('encode-2'));
  t.false(scheduled.includes('encode-1'));
});

test('the last part sets joining in motion, with all parts in the order of the video', (t) => {
  const last = planned
    .succeed('encode-3', 'worker-3')
    .succeed('encode-1')
    .succeed('encode-audio')
    .succeed('transcribe')
    .start('encode-2');
  given(last.events)
    .when(succeedCommand(last.state(), 'encode-2'))
    .then(
      t,
      { type: 'TaskSucceeded', data: { task_id: 'encode-2' } },
      { type: 'TaskScheduled', data: { task_id: 'stitch', kind: 'stitch', reason: 'planned' } },
    );
  const spec = last.succeed('encode-2').state()?.tasks.stitch?.spec;
  if (spec?.kind !== 'stitch') return t.fail();
  t.deepEqual(
    spec.renditions.map(({ name, chunks }) => [name, chunks.map(({ object }) => object.key)]),
    ['360p', '720p'].map((name) => [
      name,
      [
        `jobs/${JOB}/tasks/encode-1/1-worker-1/${name}.mp4`,
        `jobs/${JOB}/tasks/encode-2/1-worker-1/${name}.mp4`,
        `jobs/${JOB}/tasks/encode-3/1-worker-3/${name}.mp4`,
      ],
    ]),
  );
  t.is(spec.audio?.object.key, `jobs/${JOB}/tasks/encode-audio/1-worker-1/audio.m4a`);
  t.is(spec.tiles.length, 3);
});

test('the gate gets the proofs of the chunks, and the outputs name no part', (t) => {
  const packaged = encoded.succeed('stitch').succeed('package');
  const spec = packaged.state()?.tasks.verify?.spec;
  if (spec?.kind !== 'verify') return t.fail();
  t.deepEqual(
    spec.renditions.map(({ chunks }) => chunks?.map(({ digest }) => digest)),
    ['360p', '720p'].map((name) => [`${name}-1`, `${name}-2`, `${name}-3`]),
  );
  const completed = packaged.succeed('verify').events.at(-1);
  if (completed?.type !== 'JobCompleted') return t.fail();
  const keys = Object.values(completed.data.outputs.files).map(({ key }) => key);
  t.true(keys.some((key) => key.endsWith('/720p.mp4') && key.includes('/stitch/')));
  t.true(keys.includes(`jobs/${JOB}/tasks/encode-audio/1-worker-2/audio.m4a`));
  t.false(keys.some((key) => /\/encode-\d/.test(key)));
});
