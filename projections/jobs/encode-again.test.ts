import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import test from 'ava';
import { envelopes, events } from '../testing/histories.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const tasks = (...history: JobEvent[]) =>
  envelopes(JOB, history)
    .reduce<JobDocument | undefined>(evolve, undefined)
    ?.tasks.map(({ task_id, status, attempts, error }) => [task_id, status, attempts, error]);

const begun = [events.requested(JOB), events.inspected, events.planned];
const attempt = (task: string, epoch: number) => [events.scheduled(task, epoch), events.started(task, epoch)];
const refused = [
  ...begun,
  ...attempt('encode', 1),
  events.succeeded('encode'),
  ...attempt('verify', 1),
  events.failed('verify'),
];

test('an encode that is done again takes what was made of it back to where it waits', (t) => {
  t.deepEqual(tasks(...refused), [
    ['encode', 'succeeded', 1, undefined],
    ['verify', 'failed', 1, 'It broke'],
  ]);
  const again = [...refused, events.degraded('encode'), events.scheduled('encode', 2)];
  t.deepEqual(tasks(...again), [
    ['encode', 'queued', 2, undefined],
    ['verify', 'pending', 1, undefined],
  ]);
  t.deepEqual(
    tasks(...again, events.started('encode', 2), events.succeeded('encode', 2), ...attempt('verify', 2)),
    [
      ['encode', 'succeeded', 2, undefined],
      ['verify', 'running', 2, undefined],
    ],
  );
});

test('an attempt that follows a failed one changes nothing else', (t) => {
  t.deepEqual(tasks(...refused, events.scheduled('verify', 2)), [
    ['encode', 'succeeded', 1, undefined],
    ['verify', 'queued', 2, undefined],
  ]);
});
