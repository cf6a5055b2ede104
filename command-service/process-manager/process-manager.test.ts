import { AttemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { type Core, openCore, reportMessage, reports, WORKER } from '../testing/core.ts';
import { startProcessManager } from './process-manager.ts';

const startManager = async ({ url, bus, commands }: Core, soleProcessor = true) => {
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  const parts = { url, bus, commands, deadLetters, log: silentLogger, soleProcessor };
  const manager = await startProcessManager(parts);
  return {
    async close() {
      await manager.close();
      await deadLetters.close();
    },
  };
};

/** Process manager and relay run; a request was accepted. */
async function open(t: ExecutionContext) {
  const core = await openCore(t);
  const manager = core.closeAtEnd(await startManager(core));
  core.relay();
  const job = await core.request();
  const timers = () =>
    core.rows(
      'select task_id, epoch, kind, due_at from process_manager.deadline where job_id = $1 order by task_id',
      [job],
    );
  const timer = (kind: string) =>
    until(`a ${kind} timer`, async () => (await timers()).find((row) => row.kind === kind));
  /** Lets the timers of a kind come due now. */
  const lapse = (kind: string) =>
    core.rows(`update process_manager.deadline set due_at = now() where kind = $1`, [kind]);
  const happens = (event: string) => until(event, async () => (await core.history(job)).includes(event));
  const specOf = async (task: string) => {
    const { state } = await core.commands.load(job);
    return state!.tasks[task]!.spec;
  };
  return { ...core, core, manager, job, timers, timer, lapse, happens, specOf };
}

test("workers' reports become events, from the first task to the last", async (t) => {
  const { job, report, history, specOf, timers } = await open(t);
  await report(reports.started(job, 'inspect'));
  for (const task of ['inspect', 'encode', 'transcribe', 'package', 'verify']) {
    if (task !== 'inspect') await report(reports.started(job, task));
    await report(reports.succeeded(job, await specOf(task)));
  }
  t.deepEqual(await history(job), [
    'JobRequested',
    'TaskScheduled inspect/1',
    'TaskStarted inspect/1',
    'TaskSucceeded inspect/1',
    'SourceInspected',
    'JobPlanned',
    'TaskScheduled encode/1',
    'TaskScheduled transcribe/1',
    'TaskStarted encode/1',
    'TaskSucceeded encode/1',
    'TaskStarted transcribe/1',
    'TaskSucceeded transcribe/1',
    'TaskScheduled package/1',
    'TaskStarted package/1',
    'TaskSucceeded package/1',
    'TaskScheduled verify/1',
    'TaskStarted verify/1',
    'TaskSucceeded verify/1',
    'JobCompleted',
  ]);
  await until('no timer is left', async () => (await timers()).length === 0);
});

test('what follows from a report names it as its cause', async (t) => {
  const { job, bus, store } = await open(t);
  const message = reportMessage(reports.started(job, 'inspect'));
  message.headers.ce_correlationid = 'request-7';
  await bus.publish([message]);
  const stored = (await store.read(jobStream(job))).at(-1);
  t.like(stored, {
    type: 'TaskStarted',
    metadata: { correlation_id: 'request-7', causation_id: message.headers.ce_id },
  });
});

test('I6: a lease that lapses makes TaskLost, and after the back-off the next epoch', async (t) => {
  const { job, report, happens, timer, lapse, history } = await open(t);
  await report(reports.started(job, 'inspect'));
  t.like(await timer('lease'), { task_id: 'inspect', epoch: 1 });
  await lapse('lease');
  await happens('TaskLost inspect/1');
  const { due_at } = await timer('retry');
  t.true(due_at instanceof Date && due_at.getTime() - Date.now() <= 2_000);
  await happens('TaskScheduled inspect/2');
  t.true(Date.now() >= (due_at as Date).getTime() - 50, 'not before the back-off was over');
  t.deepEqual((await history(job)).slice(2), [
    'TaskStarted inspect/1',
    'TaskLost inspect/1',
    'TaskScheduled inspect/2',
  ]);
});

test('I6: a task is not declared lost while its heartbeats come, and is when they stop', async (t) => {
  const { job, report, heartbeat, rows, timer, lapse, happens, history } = await open(t);
  await report(reports.started(job, 'inspect'));
  await timer('lease');
  await rows(`update process_manager.deadline set due_at = now() + interval '3 seconds'`);
  await heartbeat({ job_id: job, task_id: 'inspect', epoch: 1 });
  const { due_at } = await timer('lease');
  const ahead = (due_at as Date).getTime() - Date.now();
  t.true(ahead > 10_000 && ahead <= 15_500, `extended to ${ahead} ms ahead`);
  await heartbeat({ job_id: job, task_id: 'inspect', epoch: 2 });
  await heartbeat({ job_id: job, task_id: 'other', epoch: 1 });
  t.false((await history(job)).includes('TaskLost inspect/1'));
  await lapse('lease');
  await happens('TaskLost inspect/1');
});

test('a failed attempt is dispatched again when its retry is due', async (t) => {
  const { job, report, timer, lapse, happens } = await open(t);
  await report(reports.started(job, 'inspect'));
  await report(reports.failed(job, 'inspect'));
  t.like(await timer('retry'), { task_id: 'inspect', epoch: 1 });
  await lapse('retry');
  await happens('TaskScheduled inspect/2');
});

test('an attempt that was handed back is dispatched again at once', async (t) => {
  const { job, report, happens } = await open(t);
  await report(reports.started(job, 'inspect'));
  await report(reports.failed(job, 'inspect', { code: 'interrupted' }));
  await happens('TaskScheduled inspect/2');
  t.pass();
});

test('a job that ends has no timers any more', async (t) => {
  const { job, report, timer, timers, commands } = await open(t);
  await report(reports.started(job, 'inspect'));
  await timer('lease');
  await commands.execute(job, { type: 'CancelJob', data: { by: 'key-1' } }, { correlation_id: 'x' });
  await until('the timer is gone', async () => (await timers()).length === 0);
  t.pass();
});

test('I5: a report by a worker that does not own the attempt is answered on control, every time', async (t) => {
  const { job, report, bus, history } = await open(t);
  const answers: ReturnType<typeof fromMessage>[] = [];
  await bus.subscribe({
    group: { broadcast: 'worker' },
    topics: [topics.control],
    handler: async ({ messages }) => void answers.push(...messages.map(fromMessage)),
  });
  await report(reports.started(job, 'inspect'));
  const before = await history(job);
  const stale = reportMessage(reports.started(job, 'inspect', 1, 'zombie'));
  await bus.publish([stale]);
  await bus.publish([stale]);
  await report(reports.failed(job, 'inspect', {}, 7));
  const refusals = answers.filter(({ type }) => type === 'AttemptRefused');
  t.deepEqual(
    refusals.map(({ data }) => AttemptRefused.parse(data)),
    [
      {
        job_id: job,
        task_id: 'inspect',
        epoch: 1,
        worker_id: 'zombie',
        reason: `the attempt belongs to worker ${WORKER}`,
      },
      {
        job_id: job,
        task_id: 'inspect',
        epoch: 1,
        worker_id: 'zombie',
        reason: `the attempt belongs to worker ${WORKER}`,
      },
      {
        job_id: job,
        task_id: 'inspect',
        epoch: 7,
        worker_id: WORKER,
        reason: 'epoch 7 is over, the current one is 1',
      },
    ],
  );
  t.is(refusals[0]!.id, refusals[1]!.id, 'the same report gets the same answer');
  t.deepEqual(await history(job), before);
});

test('I6: deadlines survive the process manager', async (t) => {
  const { core, job, manager, report, timer, rows, happens, closeAtEnd, history } = await open(t);
  await report(reports.started(job, 'inspect'));
  await report(reports.failed(job, 'inspect'));
  await timer('retry');
  await rows(`update process_manager.deadline set due_at = now() + interval '1 hour'`);
  await manager.close();
  await rows(`update process_manager.deadline set due_at = now() - interval '1 minute'`);
  t.false((await history(job)).includes('TaskScheduled inspect/2'));
  closeAtEnd(await startManager(core));
  await happens('TaskScheduled inspect/2');
});

test('I6: with the only processor in this process, leases of the last run end at the start', async (t) => {
  const { core, job, manager, report, timer, happens, closeAtEnd } = await open(t);
  await report(reports.started(job, 'inspect'));
  await timer('lease');
  await manager.close();
  closeAtEnd(await startManager(core));
  await happens('TaskLost inspect/1');
  await happens('TaskScheduled inspect/2');
  t.pass();
});

test('I6: where other processors may live, leases outlive the process manager', async (t) => {
  const { core, job, manager, report, timer, timers, closeAtEnd } = await open(t);
  await report(reports.started(job, 'inspect'));
  const before = await timer('lease');
  await manager.close();
  closeAtEnd(await startManager(core, false));
  t.deepEqual(await timers(), [before]);
});

test('I9: a job whose stream is damaged does not keep the deadlines of others from being met', async (t) => {
  const { core, job, report, timer, happens, rows, store } = await open(t);
  const damaged = await core.request();
  await report(reports.started(damaged, 'inspect'));
  await report(reports.started(job, 'inspect'));
  await report(reports.failed(damaged, 'inspect'));
  await report(reports.failed(job, 'inspect'));
  await timer('retry');
  await rows(`update process_manager.deadline set due_at = now() + interval '1 hour'`);
  await store.append(
    jobStream(damaged),
    (await store.read(jobStream(damaged))).length,
    [{ type: 'FromTheFuture', data: {} }],
    { correlation_id: 'x' },
  );
  await rows(
    `update process_manager.deadline set due_at = now() - case when job_id = $1 then interval '2 minutes' else interval '1 minute' end`,
    [damaged],
  );
  await happens('TaskScheduled inspect/2');
  t.pass();
});
