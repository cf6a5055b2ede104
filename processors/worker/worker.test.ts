import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { v7 as uuidv7 } from 'uuid';
import { TaskError } from '../task-error.ts';
import { heldTasks, openWorker, prefixOf, type RunTask, WORKER } from './testing/bench.ts';

test('I6: a task counts as taken once its start is announced, and is worked on outside the consumer', async (t) => {
  const tasks = heldTasks();
  const { dispatch, reports, types, keys, worker, workRoot } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  t.deepEqual(types(), ['TaskStarted']);
  t.like(reports[0]?.data, {
    job_id: job,
    task_id: 'inspect',
    epoch: 1,
    worker_id: WORKER,
    tools: 'ffmpeg 7.0 (test)',
  });
  t.is(worker.running(), 1);
  await until('the task writes', async () => (await keys(job)).length === 1);
  tasks.end(prefixOf(job));
  await until('the task is done', () => worker.running() === 0);
  t.deepEqual(types(), ['TaskStarted', 'TaskSucceeded']);
  t.like(reports[1]?.data, {
    worker_id: WORKER,
    epoch: 1,
    commands: [['ffmpeg', '-version']],
    result: { kind: 'inspect' },
  });
  t.deepEqual(await keys(job), [`${prefixOf(job)}part.mp4`]);
  t.deepEqual(await readdir(workRoot), [], 'no work folder is left');
});

test('I6: heartbeats carry the latest progress until the task ends', async (t) => {
  const tasks = heldTasks();
  const { dispatch, beats } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  await until('a heartbeat with progress', () => beats.some(({ fraction }) => fraction === 0.5));
  t.like(beats.at(-1), { job_id: job, task_id: 'inspect', epoch: 1, worker_id: WORKER, speed: 2 });
});

test('with its slots full a worker takes no more, and goes on when one is free, the highest class first', async (t) => {
  const tasks = heldTasks();
  const { dispatch, worker, reports } = await openWorker(t, { slots: 1, runTask: tasks.run });
  const [first, low, high] = [uuidv7(), uuidv7(), uuidv7()] as const;
  await dispatch(first);
  let waiting = 2;
  const later = [dispatch(low, { priority: 'low' }), dispatch(high, { priority: 'high' })].map((taken) =>
    taken.then(() => (waiting -= 1)),
  );
  for (const job of [first, high, low]) {
    await until('the task runs', () => tasks.running().includes(prefixOf(job)));
    t.is(worker.running(), 1);
    tasks.end(prefixOf(job));
  }
  await Promise.all(later);
  t.is(waiting, 0);
  t.deepEqual(
    reports.filter(({ type }) => type === 'TaskStarted').map(({ data }) => data.job_id),
    [first, high, low],
  );
});

test('I6: a task that is delivered again is neither run again nor announced again, while it runs and after it', async (t) => {
  const tasks = heldTasks();
  const { dispatch, worker, keys, types } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  await dispatch(job);
  t.is(worker.running(), 1);
  await until('it writes', async () => (await keys(job)).length === 1);
  tasks.end(prefixOf(job));
  await until('it ended', () => worker.running() === 0);
  await dispatch(job);
  t.deepEqual(types(), ['TaskStarted', 'TaskSucceeded']);
  t.is(worker.running(), 0);
  t.is((await keys(job)).length, 1);
  await dispatch(job, { epoch: 2 });
  t.is(worker.running(), 1);
});

test('a failing task is reported with its reason, and leaves nothing', async (t) => {
  const failures: unknown[] = [
    new TaskError({ code: 'no_video_stream', message: 'There is no video in this file', retryable: false }),
    Object.assign(new Error('write failed'), { code: 'ENOSPC' }),
    new TypeError('x is not a function'),
    'a string',
  ];
  const runTask: RunTask = async (_, { objects, prefix }) => {
    await objects.put(`${prefix}part.mp4`, Readable.from(['bytes']));
    throw failures.shift();
  };
  const { dispatch, reports, worker, keys } = await openWorker(t, { runTask });
  const jobs = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  for (const job of jobs) {
    await dispatch(job);
    await until('it ended', () => worker.running() === 0);
    t.deepEqual(await keys(job), []);
  }
  const errors = reports.flatMap((report) => (report.type === 'TaskFailed' ? [report.data.error] : []));
  t.deepEqual(
    errors.map(({ code, retryable }) => [code, retryable]),
    [
      ['no_video_stream', false],
      ['disk_full', true],
      ['internal', true],
      ['internal', true],
    ],
  );
  t.regex(errors[2]?.detail ?? '', /x is not a function/);
});

test('a report is repeated until the broker takes it', async (t) => {
  const tasks = heldTasks();
  let failures = 3;
  const wrap = (bus: Bus): Bus => ({
    ...bus,
    publish: async (messages) => {
      if (messages[0]?.topic === topics.processing && failures-- > 0) throw new Error('the broker is away');
      await bus.publish(messages);
    },
  });
  const { dispatch, types } = await openWorker(t, { runTask: tasks.run, wrap });
  await dispatch(uuidv7());
  t.deepEqual(types(), ['TaskStarted']);
});

test('a loss of acceleration is reported', async (t) => {
  const { dispatch, reports, worker } = await openWorker(t, {
    runTask: async (task, { degraded, prefix }) => {
      degraded('cuda', 'cpu', 'no NVENC session is free');
      return sampleResult(task, prefix);
    },
  });
  await dispatch(uuidv7());
  await until('it ended', () => worker.running() === 0 && reports.length === 3);
  t.true(
    reports.some(
      ({ type, data }) =>
        type === 'AccelerationDegraded' && 'reason' in data && data.reason === 'no NVENC session is free',
    ),
  );
});
