import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { testOperator } from '@transcodeflow/shared/dead-letters/testing.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test, { type ExecutionContext } from 'ava';
import { startProjections } from '../start.ts';
import { asMessages, envelopes, events } from '../testing/histories.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const OTHER = '019b7a11-7000-7000-8000-00000000000b';

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const bus = createInProcessBus();
  const start = () => startProjections({ url, bus, log: silentLogger });
  let service = await start();
  const pool = openPool({ url, name: 'test', max: 2, log: silentLogger });
  t.teardown(async () => {
    await service.close();
    await bus.close();
    await pool.end();
  });
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await pool.query(sql)).rows;
  return {
    bus,
    rows,
    operator: testOperator(pool),
    restart: async () => {
      await service.close();
      service = await start();
    },
    /** Every read model's revision of a job. */
    revisions: async (job: string) =>
      (
        await rows(`select (select revision from read_model.job where job_id = '${job}') as jobs,
          (select revision from read_model.stats_share where job_id = '${job}') as stats,
          (select max(revision) from read_model.history where job_id = '${job}') as history`)
      )[0],
  };
}

const history = (job: string) =>
  asMessages(
    envelopes(job, [
      events.requested(job),
      events.scheduled('inspect'),
      events.started('inspect'),
      events.cancelled,
    ]),
  );
const at = (revision: number) => ({ jobs: revision, stats: revision, history: revision });

test('I9, I4: an event that one read model cannot take parks there with its checkpoint; a retry heals it', async (t) => {
  const { bus, rows, operator, revisions, restart } = await open(t);
  await rows(`create function refuse() returns trigger language plpgsql as $$ begin
    if new.job_id = '${JOB}' and new.revision > 1 then raise exception 'a bug for one event'; end if; return new; end $$`);
  await rows('create trigger refuse before insert on read_model.job for each row execute function refuse()');
  const [first, second, third, fourth] = history(JOB);
  const others = history(OTHER);
  await bus.publish([first!]);
  await bus.publish([others[0]!, second!, others[1]!, third!, others[2]!, others[3]!]);
  t.deepEqual(await revisions(OTHER), at(4));
  t.deepEqual(await revisions(JOB), { jobs: 1, stats: 3, history: 3 });
  await restart();
  await bus.publish([fourth!]);
  t.deepEqual(await revisions(JOB), { jobs: 1, stats: 4, history: 4 });
  t.deepEqual(await operator.parked(), [
    `projections.jobs ${JOB} TaskScheduled 3`,
    `projections.jobs ${JOB} TaskStarted 0`,
    `projections.jobs ${JOB} JobCancelled 0`,
  ]);
  const checkpoints = await rows(
    `select distinct next_offset from read_model.checkpoint where topic = 'transcodeflow.jobs'`,
  );
  t.is(checkpoints.length, 1, 'every checkpoint has gone on');
  await rows('drop trigger refuse on read_model.job');
  t.is((await operator.retry({ job: JOB })).handled, 3);
  t.deepEqual(await revisions(JOB), at(4));
  t.deepEqual(await operator.parked(), []);
});

test('I9, I3: an event after a gap parks; nothing is skipped', async (t) => {
  const { bus, operator, revisions } = await open(t);
  const [first, , third, fourth] = history(JOB);
  await bus.publish([first!, third!, fourth!, ...history(OTHER)]);
  t.deepEqual(await revisions(JOB), at(1));
  t.deepEqual(await revisions(OTHER), at(4));
  const [head, next] = await operator.list({ consumer: 'projections.history' });
  t.regex(head!.error!, /is at revision 1, the next event is 3/);
  t.is(next!.attempts, 0);
});

test('I9: what is no job event at all parks, alone where it has no key', async (t) => {
  const { bus, operator, revisions } = await open(t);
  const good = history(JOB);
  const poison = [
    { topic: topics.jobs, headers: {}, value: Buffer.from('no CloudEvent') },
    { ...good[0]!, key: 'other-1', value: Buffer.from('{"no JSON') },
    { ...good[0]!, key: 'other-2', headers: { ...good[0]!.headers, ce_type: 'Unknown' } },
  ];
  await bus.publish([good[0]!, ...poison, ...good.slice(1)]);
  t.deepEqual(await revisions(JOB), at(4));
  t.is((await operator.list()).length, 9);
});
