import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { by, failing, losing, owned } from './testing/commands.ts';
import { given } from './testing/given.ts';
import { request, story, succeedCommand, WORKER, withThumbnail } from './testing/job-story.ts';

const planned = story(withThumbnail).start('inspect').succeed('inspect');
const encoded = planned.succeed('encode').succeed('thumbnail').succeed('transcribe');
const packaged = encoded.succeed('package');
test('a request is accepted together with the task of inspecting its source', (t) => {
  given()
    .when(request({ priority: 'high' }))
    .then(
      t,
      { type: 'JobRequested', data: { filename: 'holiday.mp4', priority: 'high' } },
      {
        type: 'TaskScheduled',
        data: {
          task_id: 'inspect',
          epoch: 1,
          priority: 'high',
          reason: 'planned',
          spec: { kind: 'inspect' },
        },
      },
    );
});

test('a repeated request changes nothing', (t) => {
  given(story().events).when(request()).thenNothing(t);
});

test('inspection makes the plan and dispatches all that waits for nothing', (t) => {
  const inspecting = story(withThumbnail).start('inspect');
  given(inspecting.events)
    .when(succeedCommand(inspecting.state(), 'inspect'))
    .then(
      t,
      { type: 'TaskSucceeded', data: { task_id: 'inspect', epoch: 1 } },
      { type: 'SourceInspected' },
      { type: 'JobPlanned', data: { plan: { custom_thumbnail: true, transcribe: true } } },
      { type: 'TaskScheduled', data: { task_id: 'encode', epoch: 1, reason: 'planned' } },
      { type: 'TaskScheduled', data: { task_id: 'thumbnail' } },
      { type: 'TaskScheduled', data: { task_id: 'transcribe' } },
    );
});

test('a silent source without a thumbnail has neither of the optional tasks', (t) => {
  const inspecting = story({}, sampleMedia({ audio: [] })).start('inspect');
  const command = succeedCommand(inspecting.state(), 'inspect', WORKER, sampleMedia({ audio: [] }));
  const scheduled = given(inspecting.events)
    .when(command)
    .events()
    .filter(({ type }) => type === 'TaskScheduled');
  t.deepEqual(
    scheduled.map(({ data }) => 'task_id' in data && data.task_id),
    ['encode'],
  );
});

test('each task is dispatched when the last one that it waits for has succeeded', (t) => {
  const encoding = planned.succeed('transcribe').start('encode');
  given(encoding.events)
    .when(succeedCommand(encoding.state(), 'encode'))
    .then(
      t,
      { type: 'TaskSucceeded' },
      { type: 'TaskScheduled', data: { task_id: 'package', spec: { kind: 'package', segment_s: 4 } } },
    );
  given(encoded.start('package').events)
    .when(succeedCommand(encoded.state(), 'package'))
    .then(
      t,
      { type: 'TaskSucceeded' },
      {
        type: 'TaskScheduled',
        data: { task_id: 'verify', spec: { kind: 'verify', hls: { master: 'master.m3u8' } } },
      },
    );
});

test('I10: the job completes with the last success, after verification', (t) => {
  given(packaged.start('verify').events)
    .when(succeedCommand(packaged.state(), 'verify'))
    .then(
      t,
      { type: 'TaskSucceeded', data: { task_id: 'verify' } },
      {
        type: 'JobCompleted',
        data: { outputs: { renditions: { '360p': { available: true }, '720p': { available: true } } } },
      },
    );
});

test('the job waits for optional tasks that are still running', (t) => {
  const waiting = planned
    .succeed('transcribe')
    .start('thumbnail')
    .succeed('encode')
    .succeed('package')
    .start('verify');
  given(waiting.events).when(succeedCommand(waiting.state(), 'verify')).then(t, { type: 'TaskSucceeded' });
  const verified = waiting.succeed('verify');
  given(verified.events)
    .when(succeedCommand(verified.state(), 'thumbnail'))
    .then(t, { type: 'TaskSucceeded' }, { type: 'JobCompleted' });
});

test('an optional task that fails for good costs only its output, with the reason', (t) => {
  const broken = { retryable: false, message: 'The speech model broke' };
  const waiting = planned.succeed('encode').succeed('thumbnail').start('transcribe');
  given(waiting.events)
    .when(failing('transcribe', 1, broken))
    .then(
      t,
      { type: 'TaskFailed', data: { retry_at: undefined } },
      { type: 'TaskScheduled', data: { task_id: 'package', spec: { captions: undefined } } },
    );
  const verifying = waiting.fail('transcribe', broken).succeed('package').start('verify');
  given(verifying.events)
    .when(succeedCommand(verifying.state(), 'verify'))
    .then(
      t,
      { type: 'TaskSucceeded' },
      {
        type: 'JobCompleted',
        data: { outputs: { transcription: { available: false, reason: 'The speech model broke' } } },
      },
    );
});

test('the package waits for the transcript, which is one of its tracks', (t) => {
  const waiting = planned.succeed('encode').start('transcribe');
  t.is(waiting.state()?.tasks.package, undefined);
  given(waiting.events)
    .when(succeedCommand(waiting.state(), 'transcribe'))
    .then(
      t,
      { type: 'TaskSucceeded' },
      { type: 'TaskScheduled', data: { task_id: 'package', spec: { captions: { language: 'en' } } } },
    );
});

test('an optional task that is lost for good costs only its output', (t) => {
  let waiting = planned.succeed('encode').succeed('thumbnail').start('transcribe');
  for (let loss = 1; loss <= 5; loss += 1)
    waiting = waiting.lose('transcribe').retry('transcribe').start('transcribe');
  given(waiting.events)
    .when(losing('transcribe', 6))
    .then(
      t,
      { type: 'TaskLost', data: { retry_at: undefined } },
      { type: 'TaskScheduled', data: { task_id: 'package' } },
    );
  const verifying = waiting.lose('transcribe').succeed('package').start('verify');
  given(verifying.events)
    .when(succeedCommand(verifying.state(), 'verify'))
    .then(
      t,
      { type: 'TaskSucceeded' },
      { type: 'JobCompleted', data: { outputs: { transcription: { available: false } } } },
    );
});

test('a damaged stream is said to be one', (t) => {
  t.throws(() => given({ type: 'JobCancelled', data: by }).when({ type: 'DeleteJob', data: by }).events(), {
    message: /before JobRequested: the stream is damaged/,
  });
  t.throws(
    () =>
      given(story().events, { type: 'TaskStarted', data: owned('encode') })
        .when({ type: 'DeleteJob', data: by })
        .events(),
    { message: /never scheduled/ },
  );
});
