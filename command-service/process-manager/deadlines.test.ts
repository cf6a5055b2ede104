import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test, { type ExecutionContext } from 'ava';
import { createDeadlines } from './deadlines.ts';
import { keepTimers } from './timers.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  await migrate(url, 'process_manager', new URL('./migrations/', import.meta.url), silentLogger);
  const pool = openPool({ url, name: 'test', log: silentLogger });
  t.teardown(() => pool.end());
  const deadlines = createDeadlines(pool);
  const kept = async () =>
    (await pool.query('select kind, epoch, due_at from process_manager.deadline order by task_id')).rows;
  return { deadlines, kept };
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000);
const lease = (changes: object = {}) => ({
  job_id: JOB,
  task_id: 'encode',
  epoch: 1,
  kind: 'lease' as const,
  due_at: inSeconds(15),
  partition: 0,
  revision: 3,
  ...changes,
});

test('of several heartbeats at once the latest counts, in whatever order they come', async (t) => {
  const { deadlines, kept } = await open(t);
  const [soon, late] = [inSeconds(20), inSeconds(30)];
  for (const order of [
    [soon, late],
    [late, soon],
  ]) {
    await deadlines.clear(JOB, 9);
    await deadlines.set(lease());
    await deadlines.extend(order.map((due_at) => ({ job_id: JOB, task_id: 'encode', epoch: 1, due_at })));
    t.deepEqual((await kept())[0].due_at, late);
  }
  await deadlines.extend([{ job_id: JOB, task_id: 'encode', epoch: 1, due_at: soon }]);
  t.deepEqual((await kept())[0].due_at, late, 'never shortened');
});

test('what is due is taken once, by one of several takers, and comes again if it dies', async (t) => {
  const { deadlines } = await open(t);
  for (let n = 0; n < 20; n += 1) await deadlines.set(lease({ task_id: `task-${n}`, due_at: inSeconds(-1) }));
  await deadlines.set(lease({ task_id: 'later' }));
  await deadlines.set(lease({ task_id: 'elsewhere', due_at: inSeconds(-1), partition: 1 }));
  const taken = (await Promise.all([1, 2, 3].map(() => deadlines.takeDue(['lease'], [0], 10)))).flat();
  t.is(taken.length, 20);
  t.is(new Set(taken.map(({ task_id }) => task_id)).size, 20);
  t.deepEqual(await deadlines.takeDue(['lease'], [0], 10), []);
  t.deepEqual(await deadlines.takeDue(['retry'], [1], 10), []);
});

/** The messages of one attempt's life, as the relay publishes them. */
function message(revision: number, type: string, data: object): IncomingMessage {
  const event = {
    id: `${revision}`,
    type,
    source: '/test',
    subject: JOB,
    time: new Date().toISOString(),
    revision,
    data,
  };
  return {
    ...toMessage(topics.jobs, JOB, event),
    partition: 0,
    offset: BigInt(revision),
    timestamp: Date.now(),
  };
}
const source = { key: 'k', size_bytes: 1, content_type: 'video/mp4' };
const scheduled = (revision: number, epoch: number) =>
  message(revision, 'TaskScheduled', {
    task_id: 'inspect',
    kind: 'inspect',
    epoch,
    priority: 'normal',
    reason: 'planned',
    spec: { kind: 'inspect', source, filename: 'f' },
  });
const started = (revision: number, epoch: number) =>
  message(revision, 'TaskStarted', { task_id: 'inspect', kind: 'inspect', epoch, worker_id: 'w' });
const failed = (revision: number, epoch: number) =>
  message(revision, 'TaskFailed', {
    task_id: 'inspect',
    kind: 'inspect',
    epoch,
    worker_id: 'w',
    commands: [],
    retry_at: inSeconds(60).toISOString(),
    error: { code: 'c', message: 'm', retryable: true },
  });

test('I3: a message that comes again, late and out of order, takes no timer away and brings none back', async (t) => {
  const { deadlines, kept } = await open(t);
  const [first, second, third, fourth, fifth, sixth] = [
    scheduled(2, 1),
    started(3, 1),
    failed(4, 1),
    scheduled(5, 2),
    started(6, 2),
    message(7, 'JobFailed', { code: 'c', reason: 'r' }),
  ];
  for (const next of [first, second, third]) await keepTimers(deadlines, next);
  t.like((await kept())[0], { kind: 'retry', epoch: 1 });
  await keepTimers(deadlines, second);
  t.like((await kept())[0], { kind: 'retry', epoch: 1 }, 'the lease is over: the retry stays');
  for (const next of [fourth, fifth]) await keepTimers(deadlines, next);
  t.like((await kept())[0], { kind: 'lease', epoch: 2 });
  for (const late of [first, second, third, fourth]) await keepTimers(deadlines, late);
  t.like((await kept())[0], { kind: 'lease', epoch: 2 }, 'the running attempt keeps its lease');
  await keepTimers(deadlines, sixth);
  t.deepEqual(await kept(), []);
  await keepTimers(deadlines, started(10, 3));
  await keepTimers(deadlines, sixth);
  t.like((await kept())[0], { kind: 'lease', epoch: 3 }, 'an earlier end of the job, before it was retried');
});

test('a task that is dispatched has a timer until it is started, so that none waits for ever', async (t) => {
  const { deadlines, kept } = await open(t);
  await keepTimers(deadlines, scheduled(2, 1));
  const [timer] = await kept();
  t.like(timer, { kind: 'dispatch', epoch: 1 });
  const days = (timer.due_at.getTime() - Date.now()) / 86_400_000;
  t.true(days > 5 && days < 7, 'after a long queue, but before the topic has dropped the message');
  await keepTimers(deadlines, started(3, 1));
  t.like((await kept())[0], { kind: 'lease', epoch: 1 });
});

test('a lease is given whole, however long its event was on the way', async (t) => {
  const { deadlines, kept } = await open(t);
  const old = started(3, 1);
  old.headers.ce_time = inSeconds(-60).toISOString();
  await keepTimers(deadlines, old);
  t.true((await kept())[0].due_at.getTime() - Date.now() > 10_000);
});
