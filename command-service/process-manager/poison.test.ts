import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { testOperator } from '@transcodeflow/shared/dead-letters/testing.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { openCore, reportMessage, reports } from '../testing/core.ts';
import { startProcessManager } from './process-manager.ts';

async function open(t: ExecutionContext) {
  const core = await openCore(t);
  const { url, bus, commands } = core;
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  core.closeAtEnd(deadLetters);
  const parts = { url, bus, commands, log: silentLogger, soleProcessor: false };
  core.closeAtEnd(await startProcessManager({ ...parts, deadLetters }));
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  t.teardown(() => pool.end());
  core.relay();
  return { ...core, operator: testOperator(pool) };
}

test('I9: reports about a damaged job park in order, others are decided, and a retry heals it', async (t) => {
  const { request, store, rows, report, history, operator } = await open(t);
  const [job, other] = [await request(), await request()];
  const damage = [{ type: 'FromTheFuture', data: {} }];
  const { length } = await store.read(jobStream(job));
  await store.append(jobStream(job), length, damage, { correlation_id: 'x' });
  for (const id of [job, other]) {
    await report(reports.started(id, 'inspect'));
    await report(reports.failed(id, 'inspect'));
  }
  t.deepEqual((await history(other)).slice(2), ['TaskStarted inspect/1', 'TaskFailed inspect/1']);
  const ofReports = async () =>
    (await operator.parked()).filter((line) => line.startsWith('process-manager.reports'));
  t.deepEqual(await ofReports(), [
    `process-manager.reports ${job} TaskStarted 3`,
    `process-manager.reports ${job} TaskFailed 0`,
  ]);
  await rows(`delete from event_store.event where type = 'FromTheFuture'`);
  const [head] = await operator.list({ consumer: 'process-manager.reports' });
  t.is((await operator.retry({ id: head!.id })).handled, 2);
  t.deepEqual((await history(job)).slice(2, 4), ['TaskStarted inspect/1', 'TaskFailed inspect/1']);
});

test('I9: a job event that the timers cannot handle parks, and its job comes after the retry', async (t) => {
  const { request, rows, report, operator } = await open(t);
  const [job, other] = [await request(), await request()];
  const timers = (kind: string) => rows(`select 1 from process_manager.deadline where kind = '${kind}'`);
  await until('both wait to be started', async () => (await timers('dispatch')).length === 2);
  await rows(`create function refuse() returns trigger language plpgsql as
    $$ begin if new.job_id = '${job}' then raise exception 'a bug for one job'; end if; return new; end $$`);
  await rows(
    'create trigger refuse before insert on process_manager.deadline for each row execute function refuse()',
  );
  for (const id of [job, other]) await report(reports.started(id, 'inspect'));
  await report(reports.failed(job, 'inspect'));
  await until('the other has its lease', async () => (await timers('lease')).length === 1);
  await until('both events wait', async () => (await operator.parked()).length === 2);
  t.deepEqual(await operator.parked(), [
    `process-manager.timers ${job} TaskStarted 3`,
    `process-manager.timers ${job} TaskFailed 0`,
  ]);
  await rows('drop trigger refuse on process_manager.deadline');
  t.is((await operator.retry({ job })).handled, 2);
  t.deepEqual(await operator.parked(), []);
});

test('I9: what is no CloudEvent, no JSON, or of an unknown type blocks no topic of the process manager', async (t) => {
  const { bus, request, report, heartbeat, history, operator, rows } = await open(t);
  const job = await request();
  const good = reportMessage(reports.started(job, 'inspect'));
  const damaged = 'damaged-job';
  for (const topic of [topics.processing, topics.progress, topics.jobs])
    await bus.publish([
      { topic, key: `${damaged}-1`, headers: {}, value: Buffer.from('no CloudEvent') },
      { topic, key: `${damaged}-2`, headers: good.headers, value: Buffer.from('{"no JSON') },
      { topic, key: `${damaged}-3`, headers: { ...good.headers, ce_type: 'Unknown' }, value: good.value },
      { topic, headers: good.headers, value: Buffer.from('{}') },
    ]);
  t.is((await operator.parked()).length, 12);
  await report(reports.started(job, 'inspect'));
  t.is((await history(job)).at(-1), 'TaskStarted inspect/1');
  await until(
    'the lease',
    async () => (await rows(`select 1 from process_manager.deadline where kind = 'lease'`)).length === 1,
  );
  const due = async () =>
    String((await rows('select due_at::text from process_manager.deadline'))[0]!.due_at);
  await rows(`update process_manager.deadline set due_at = now() + interval '3 seconds'`);
  const before = await due();
  await heartbeat({ job_id: job, task_id: 'inspect', epoch: 1 });
  t.true((await due()) > before);
});

test('I9: a heartbeat that cannot be handled does not hold up the next of its task', async (t) => {
  const { bus, heartbeat, operator, request } = await open(t);
  const job = await request();
  const tooLarge = toMessage(topics.progress, job, {
    id: 'x',
    type: 'TaskProgress',
    source: '/test',
    subject: job,
    time: new Date().toISOString(),
    data: { job_id: job, task_id: 'inspect', epoch: 3_000_000_000, worker_id: 'w', kind: 'k', fraction: 0 },
  });
  await bus.publish([tooLarge]);
  await heartbeat({ job_id: job, task_id: 'inspect', epoch: 1 });
  t.deepEqual(await operator.parked(), [`process-manager.progress ${job} TaskProgress 3`]);
});
