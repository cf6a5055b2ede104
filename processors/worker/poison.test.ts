import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { recordDeadLetters } from '@transcodeflow/shared/dead-letters/record-dead-letters.ts';
import { testOperator } from '@transcodeflow/shared/dead-letters/testing.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { v7 as uuidv7 } from 'uuid';
import { heldTasks, openWorker, prefixOf } from './testing/bench.ts';

/** A worker, and the command service's part that keeps what it parks. */
async function open(t: ExecutionContext, options: { slots?: number; wrap?: (bus: Bus) => Bus } = {}) {
  const tasks = heldTasks();
  const bench = await openWorker(t, { ...options, runTask: tasks.run });
  const url = await testDatabase(t);
  const deadLetters = await openDeadLetters({ url, bus: bench.bus, log: silentLogger });
  const recorder = await recordDeadLetters(bench.bus, deadLetters, silentLogger);
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  t.teardown(async () => {
    await recorder.close();
    await deadLetters.close();
    await pool.end();
  });
  return { ...bench, tasks, operator: testOperator(pool) };
}

test('I9: tasks that cannot be read park, and take no slot', async (t) => {
  const { bus, dispatch, worker, tasks, operator } = await open(t, { slots: 1 });
  const [bad, job] = [uuidv7(), uuidv7()];
  for (const topic of Object.values(topics.tasks)) {
    await bus.publish([{ topic, headers: {}, value: Buffer.from('no CloudEvent') }]);
    const headers = {
      ce_specversion: '1.0',
      ce_id: topic,
      ce_type: 'TaskScheduled',
      ce_source: '/test',
      ce_subject: bad,
      ce_time: new Date().toISOString(),
    };
    await bus.publish([{ topic, headers, value: Buffer.from('{"kind":"no such kind"}') }]);
  }
  t.deepEqual(await operator.parked(), [
    'processors.high null null 3',
    `processors.high ${bad} TaskScheduled 3`,
    'processors.normal null null 3',
    `processors.normal ${bad} TaskScheduled 3`,
    'processors.low null null 3',
    `processors.low ${bad} TaskScheduled 3`,
  ]);
  await dispatch(job);
  t.is(worker.running(), 1);
  tasks.end(prefixOf(job));
});

test('I9: a task that a bug keeps from starting parks; a retry that fails parks it again, the next one runs it', async (t) => {
  const job = uuidv7();
  let broken = true;
  let reads = 0;
  const wrap = (bus: Bus): Bus => ({
    ...bus,
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        handler: (batch) =>
          options.handler({
            ...batch,
            messages: batch.messages.map((message) => ({
              ...message,
              get value() {
                // Three tries fail; the fourth reading is the one that parks it.
                if (broken && message.headers.ce_subject === job && reads++ % 4 < 3)
                  throw new TypeError('bug');
                return message.value;
              },
            })),
          }),
      }),
  });
  const { dispatch, worker, tasks, operator, types } = await open(t, { wrap });
  await dispatch(job);
  t.deepEqual(await operator.parked(), [`processors.normal ${job} TaskScheduled 3`]);
  const other = uuidv7();
  await dispatch(other);
  t.is(worker.running(), 1);
  t.deepEqual(await operator.retry({ job }).then(({ failed }) => failed.length), 1);
  const [again] = await operator.list();
  t.is(again!.parkings, 2);
  broken = false;
  t.deepEqual(await operator.retry({ job }), { handled: 1, waiting: [], failed: [] });
  t.is(worker.running(), 2);
  for (const id of [job, other]) {
    await until('it runs', () => tasks.running().includes(prefixOf(id)));
    tasks.end(prefixOf(id));
  }
  await until('both ended', () => worker.running() === 0);
  t.is(types().filter((type) => type === 'TaskSucceeded').length, 2);
});
