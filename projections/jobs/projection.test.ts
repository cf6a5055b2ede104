import { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import test from 'ava';
import { envelopes, events, OUTPUTS } from '../testing/histories.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const fold = (...history: JobEvent[]) => {
  const document = envelopes(JOB, history).reduce<JobDocument | undefined>(evolve, undefined);
  return JobDocument.parse(JSON.parse(JSON.stringify(document)));
};
const begun = [events.requested(JOB), events.scheduled('inspect'), events.started('inspect')];
const planned = [
  ...begun,
  events.succeeded('inspect'),
  events.inspected,
  events.planned,
  events.scheduled('encode'),
];
const at = (second: number) =>
  new Date(Date.parse('2026-01-02T03:04:05.000Z') + second * 1_000).toISOString();

test('a requested job is queued, with what was asked for', (t) => {
  t.deepEqual(fold(events.requested(JOB, { metadata: { a: 'b' }, priority: 'high' })), {
    job_id: JOB,
    account_id: 'account-1',
    revision: 1,
    status: 'queued',
    filename: 'holiday.mp4',
    profile: 'default',
    priority: 'high',
    metadata: { a: 'b' },
    source_bytes: 10_000_000,
    created_at: at(1),
    updated_at: at(1),
    planned: [],
    tasks: [],
    degradations: [],
  });
});

test('the first start makes it processing, and its time stays the first', (t) => {
  t.like(fold(...begun), { status: 'processing', started_at: at(3), updated_at: at(3) });
  t.like(fold(...planned, events.started('encode')), { started_at: at(3), updated_at: at(8) });
});

test('the plan names the renditions, those it skips too, and the tasks to come', (t) => {
  const document = fold(...planned);
  t.deepEqual(document.planned, ['360p', '720p']);
  t.deepEqual(
    document.tasks.map(({ task_id, status, attempts }) => [task_id, status, attempts]),
    [
      ['inspect', 'succeeded', 1],
      ['encode', 'queued', 1],
      ['verify', 'pending', 0],
    ],
  );
  t.is(document.media?.duration_s, 10);
});

test('attempts of a task are counted, with the error of the last until the next begins', (t) => {
  const task = (...more: JobEvent[]) =>
    fold(...planned, ...more).tasks.find(({ task_id }) => task_id === 'encode');
  t.like(task(events.started('encode')), { status: 'running', worker_id: 'worker-1', started_at: at(8) });
  t.like(task(events.started('encode'), events.failed('encode', at(99))), {
    status: 'waiting',
    error: 'It broke',
    finished_at: at(9),
  });
  t.like(task(events.started('encode'), events.failed('encode')), { status: 'failed', error: 'It broke' });
  t.like(task(events.started('encode'), events.lost('encode', at(99))), {
    status: 'waiting',
    error: 'silent',
  });
  t.like(task(events.started('encode'), events.lost('encode')), { status: 'failed' });
  t.deepEqual(
    task(events.started('encode'), events.failed('encode', at(99)), events.scheduled('encode', 2)),
    { task_id: 'encode', kind: 'encode', status: 'queued', attempts: 2, epoch: 2 },
  );
});

test('each end of a job', (t) => {
  t.like(fold(...planned, events.completed), { status: 'completed', finished_at: at(8), outputs: OUTPUTS });
  t.like(fold(...planned, events.jobFailed), {
    status: 'failed',
    error: { code: 'c', message: 'It broke', task_id: 'encode' },
    finished_at: at(8),
  });
  t.like(fold(...planned, events.cancelled), { status: 'cancelled', finished_at: at(8) });
});

test('a retried job is open again, without its error and its end', (t) => {
  const document = fold(...planned, events.jobFailed, events.retried);
  t.is(document.status, 'queued');
  t.false('error' in document || 'finished_at' in document);
});

test('a deleted job names no outputs any more', (t) => {
  const document = fold(...planned, events.completed, events.deleted);
  t.is(document.status, 'deleted');
  t.false('outputs' in document);
});

test('degradations are kept as sentences', (t) => {
  t.deepEqual(fold(...planned, events.degraded('encode')).degradations, ['encode: cuda → cpu: busy']);
});

test('an event of a job that was never requested is a fault', (t) => {
  t.throws(() => fold(events.cancelled), { message: /JobCancelled before JobRequested/ });
});
