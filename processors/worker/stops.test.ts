import { readdir } from 'node:fs/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { attemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { v7 as uuidv7 } from 'uuid';
import { heldTasks, openWorker, prefixOf, WORKER } from './testing/bench.ts';

for (const [end, data] of [
  ['JobCancelled', { by: 'key-1' }],
  ['JobDeleted', { by: 'key-1' }],
  ['JobFailed', { code: 'c', reason: 'r' }],
  ['TaskLost', { task_id: 'inspect', epoch: 1, worker_id: WORKER, kind: 'inspect', reason: 'silent' }],
] as const)
  test(`I7: ${end} stops the attempt and removes its objects, without a report`, async (t) => {
    const tasks = heldTasks();
    const { dispatch, control, worker, keys, types, workRoot } = await openWorker(t, { runTask: tasks.run });
    const [job, other] = [uuidv7(), uuidv7()];
    await dispatch(job);
    await dispatch(other);
    await until('both write', async () => (await keys(job)).length + (await keys(other)).length === 2);
    await control(end, job, data);
    await until('one is left', () => worker.running() === 1);
    t.deepEqual(await keys(job), []);
    t.is((await keys(other)).length, 1);
    t.is((await readdir(workRoot)).length, 1);
    t.deepEqual(types(), ['TaskStarted', 'TaskStarted']);
  });

test('an end of the job from before its retry does not stop the attempt of the retry', async (t) => {
  const tasks = heldTasks();
  const { dispatch, control, worker, keys } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job, { epoch: 2, revision: 7 });
  await until('it writes', async () => (await keys(job)).length === 1);
  await control('JobFailed', job, { code: 'c', reason: 'r' }, 5);
  await control(
    'TaskLost',
    job,
    { task_id: 'inspect', epoch: 1, worker_id: WORKER, kind: 'inspect', reason: 'silent' },
    5,
  );
  await control('TaskStarted', job, { task_id: 'inspect', epoch: 2, worker_id: WORKER, kind: 'inspect' }, 8);
  t.is(worker.running(), 1);
  await control('JobCancelled', job, { by: 'key-1' }, 9);
  await until('it stopped', () => worker.running() === 0);
});

test('I5: an attempt that another worker owns is stopped', async (t) => {
  const tasks = heldTasks();
  const { dispatch, control, worker, keys } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  await until('it writes', async () => (await keys(job)).length === 1);
  await control('TaskStarted', job, { task_id: 'inspect', epoch: 1, worker_id: 'worker-2', kind: 'inspect' });
  await until('it stopped', () => worker.running() === 0);
  t.deepEqual(await keys(job), []);
});

test('I5: a refused attempt is stopped and its objects are swept, also when it had ended before', async (t) => {
  const tasks = heldTasks();
  const { bus, dispatch, worker, keys, types } = await openWorker(t, { runTask: tasks.run });
  const [running, ended] = [uuidv7(), uuidv7()];
  for (const job of [running, ended]) await dispatch(job);
  await until('both write', async () => (await keys(running)).length + (await keys(ended)).length === 2);
  tasks.end(prefixOf(ended));
  await until('one ended', () => worker.running() === 1);
  const refuse = (job_id: string, worker_id: string) =>
    bus.publish([
      attemptRefused(
        { job_id, task_id: 'inspect', epoch: 1, worker_id, reason: 'epoch 1 is over' },
        uuidv7(),
      ),
    ]);
  await refuse(running, 'worker-2');
  t.is((await keys(running)).length, 1, 'another worker was meant');
  await refuse(running, WORKER);
  await refuse(ended, WORKER);
  await until('all stopped', () => worker.running() === 0);
  t.deepEqual([...(await keys(running)), ...(await keys(ended))], []);
  t.deepEqual(types(), ['TaskStarted', 'TaskStarted', 'TaskSucceeded']);
});

test('I5: an attempt that is refused while it is being announced is never worked on', async (t) => {
  const tasks = heldTasks();
  const { bus, dispatch, worker } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await bus.subscribe({
    group: 'refusing manager',
    topics: [topics.processing],
    handler: async ({ messages }) => {
      if (fromMessage(messages[0]!).type !== 'TaskStarted') return;
      await bus.publish([
        attemptRefused(
          { job_id: job, task_id: 'inspect', epoch: 1, worker_id: WORKER, reason: 'taken' },
          uuidv7(),
        ),
      ]);
    },
  });
  await dispatch(job);
  await until('it is given up', () => worker.running() === 0);
  t.deepEqual(tasks.running(), []);
});

test('a stopping worker hands its tasks back and takes no more', async (t) => {
  const tasks = heldTasks();
  const { dispatch, close, reports, types, keys, worker } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  await until('it writes', async () => (await keys(job)).length === 1);
  await close();
  t.deepEqual(types(), ['TaskStarted', 'TaskFailed']);
  t.like(reports[1]?.data, { error: { code: 'interrupted', retryable: true } });
  t.deepEqual(await keys(job), []);
  t.is(worker.running(), 0);
  await dispatch(uuidv7());
  t.is(types().length, 2);
});

test('a task that is announced while the worker stops is handed back too', async (t) => {
  const tasks = heldTasks();
  const announcing = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const wrap = (bus: Bus): Bus => ({
    ...bus,
    publish: async (messages) => {
      if (messages[0]?.topic === topics.processing && fromMessage(messages[0]).type === 'TaskStarted') {
        announcing.resolve();
        await goOn.promise;
      }
      await bus.publish(messages);
    },
  });
  const { dispatch, close, types, worker } = await openWorker(t, { runTask: tasks.run, wrap });
  const dispatched = dispatch(uuidv7()).catch(() => {});
  await announcing.promise;
  const closing = close();
  goOn.resolve();
  await closing;
  await dispatched;
  t.is(worker.running(), 0);
  t.deepEqual(types(), ['TaskStarted', 'TaskFailed']);
});

test('I5: a success whose acknowledgement was lost keeps its objects: it may be accepted', async (t) => {
  const tasks = heldTasks();
  let published = 0;
  const wrap = (bus: Bus): Bus => ({
    ...bus,
    publish: async (messages) => {
      await bus.publish(messages);
      if (fromMessage(messages[0]!).type !== 'TaskSucceeded') return;
      published += 1;
      throw new Error('the acknowledgement got lost');
    },
  });
  const { dispatch, close, keys } = await openWorker(t, { runTask: tasks.run, wrap });
  const job = uuidv7();
  await dispatch(job);
  await until('it writes', async () => (await keys(job)).length === 1);
  tasks.end(prefixOf(job));
  await until('it was reported', () => published > 0);
  await close();
  t.deepEqual(await keys(job), [`${prefixOf(job)}part.mp4`]);
});

test('control messages that cannot be read are ignored', async (t) => {
  const tasks = heldTasks();
  const { bus, dispatch, control, worker } = await openWorker(t, { runTask: tasks.run });
  const job = uuidv7();
  await dispatch(job);
  await bus.publish([{ topic: topics.control, headers: {}, value: Buffer.from('nonsense') }]);
  await control('AttemptRefused', job, { nothing: true });
  await control('JobCompleted', job, {});
  t.is(worker.running(), 1);
});
