import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import test from 'ava';
import { namedObjects } from '../../sweeper/named-objects.ts';
import { heldBytes, storedSource } from '../source.ts';
import { by, failing } from '../testing/commands.ts';
import { given } from '../testing/given.ts';
import { byUrl, JOB, request, SOURCE_URL, story, succeedCommand, WORKER } from '../testing/job-story.ts';

const fetching = story(byUrl).start('ingest');
const fetched = fetching.succeed('ingest');
const key = `${attemptPrefix(JOB, 'ingest', 1, WORKER)}source`;
const failedFetch = {
  retryable: false,
  code: 'source_answer_refused',
  message: 'The server answered with status 404.',
};

test('a source by URL is fetched before anything else', (t) => {
  given()
    .when(request(byUrl))
    .then(
      t,
      { type: 'JobRequested', data: byUrl },
      {
        type: 'TaskScheduled',
        data: {
          task_id: 'ingest',
          epoch: 1,
          reason: 'planned',
          spec: { kind: 'ingest', url: SOURCE_URL, most_bytes: 20_000_000 },
        },
      },
    );
});

test('what was fetched is inspected, and is the source of all that follows', (t) => {
  given(fetching.events)
    .when(succeedCommand(fetching.state(), 'ingest'))
    .then(
      t,
      { type: 'TaskSucceeded', data: { task_id: 'ingest' } },
      { type: 'TaskScheduled', data: { task_id: 'inspect', spec: { kind: 'inspect', source: { key } } } },
    );
  const inspecting = fetched.start('inspect');
  const scheduled = given(inspecting.events)
    .when(succeedCommand(inspecting.state(), 'inspect'))
    .events()
    .flatMap((event) => (event.type === 'TaskScheduled' ? [event.data.spec] : []));
  t.deepEqual(
    scheduled.map((spec) => [spec.kind, 'source' in spec && spec.source.key]),
    [
      ['encode', key],
      ['transcribe', key],
    ],
  );
});

test('a URL that will never answer ends the job at once, with the reason', (t) => {
  given(fetching.events)
    .when(failing('ingest', 1, failedFetch))
    .then(
      t,
      { type: 'TaskFailed', data: { retry_at: undefined } },
      {
        type: 'JobFailed',
        data: {
          code: 'source_answer_refused',
          reason: 'The server answered with status 404.',
          task_id: 'ingest',
        },
      },
    );
});

test('a retry of the job fetches again; what was fetched is not fetched twice', (t) => {
  const failed = fetching.does(failing('ingest', 1, failedFetch));
  given(failed.events)
    .when({ type: 'RetryJob', data: by })
    .then(
      t,
      { type: 'JobRetried' },
      { type: 'TaskScheduled', data: { task_id: 'ingest', epoch: 2, spec: { url: SOURCE_URL } } },
    );
  const unreadable = fetched.start('inspect').does(failing('inspect', 1, { retryable: false }));
  given(unreadable.events)
    .when({ type: 'RetryJob', data: by })
    .then(t, { type: 'JobRetried' }, { type: 'TaskScheduled', data: { task_id: 'inspect', epoch: 2 } });
});

test('a job holds what is set aside while it fetches, then what was fetched, and nothing if it ends before', (t) => {
  const holds = (job: typeof fetching) => {
    const state = job.state();
    return state && heldBytes(state);
  };
  t.is(holds(fetching), 20_000_000);
  t.is(holds(fetched), 10_000_000);
  t.is(holds(fetching.does({ type: 'CancelJob', data: by })), undefined);
  t.is(holds(fetching.does(failing('ingest', 1, failedFetch))), undefined);
  t.is(
    holds(fetching.does(failing('ingest', 1, failedFetch)).does({ type: 'RetryJob', data: by })),
    20_000_000,
  );
  t.is(holds(fetched.does({ type: 'CancelJob', data: by })), 10_000_000);
  t.is(holds(fetched.does({ type: 'DeleteJob', data: by })), undefined);
  t.is(holds(story()), 10_000_000);
  t.is(holds(story().does({ type: 'CancelJob', data: by })), 10_000_000);
});

test('the object that was fetched stays with the job until it is deleted', (t) => {
  const cancelled = fetched.does({ type: 'CancelJob', data: by });
  t.true(namedObjects(JOB, cancelled.state())(key));
  t.false(namedObjects(JOB, cancelled.does({ type: 'DeleteJob', data: by }).state())(key));
  t.false(namedObjects(JOB, fetching.state())(key), 'an attempt that was not accepted names nothing');
  t.is(fetched.state() && storedSource(fetched.state()!)?.key, key);
});
