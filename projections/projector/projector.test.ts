import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listenToReadModel } from '@transcodeflow/shared/read-model/listen.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { historyProjection } from '../history/projection.ts';
import { jobsProjection } from '../jobs/projection.ts';
import { projections, startProjections } from '../start.ts';
import { statsProjection } from '../stats/projection.ts';
import { asMessages, envelopes, events } from '../testing/histories.ts';
import { createTables } from './create-tables.ts';
import { type EventEnvelope, jobEvents } from './event-family.ts';
import type { Projection } from './projection.ts';
import { startProjector } from './projector.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const OTHER = '019b7a11-7000-7000-8000-00000000000b';

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 5, log: silentLogger });
  const bus = createInProcessBus();
  await createTables(pool, url, projections, silentLogger);
  t.teardown(async () => {
    await bus.close();
    await pool.end();
  });
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await pool.query(sql)).rows;
  return {
    url,
    pool,
    bus,
    rows,
    project: <E extends EventEnvelope>(projection: Projection<E>) =>
      startProjector(projection, { bus, pool, log: silentLogger }),
    revisionOf: async (job: string) =>
      (await rows(`select revision from read_model.job where job_id = '${job}'`))[0]?.revision,
    offsets: () => rows('select projection, next_offset from read_model.checkpoint order by projection'),
  };
}

const history = (job: string) =>
  envelopes(job, [
    events.requested(job),
    events.scheduled('inspect'),
    events.started('inspect'),
    events.cancelled,
  ]);

test('I4: rows and checkpoint move together, batch by batch', async (t) => {
  const { bus, project, revisionOf, offsets } = await open(t);
  await project(jobsProjection);
  const messages = asMessages(history(JOB));
  await bus.publish(messages.slice(0, 2));
  t.is(await revisionOf(JOB), 2);
  const [before] = await offsets();
  await bus.publish(messages.slice(2));
  t.is(await revisionOf(JOB), 4);
  const [after] = await offsets();
  t.is(BigInt(String(after?.next_offset)) - BigInt(String(before?.next_offset)), 2n);
});

test('I3: what comes again is skipped, alone or within a batch, and changes no figure', async (t) => {
  const { bus, project, rows } = await open(t);
  for (const projection of projections) await project(projection);
  const messages = asMessages(history(JOB));
  await bus.publish(messages);
  const tables = () =>
    Promise.all(
      ['job', 'stats', 'stats_share', 'history'].map((table) =>
        rows(`select * from read_model.${table} order by 1, 2`),
      ),
    );
  const before = await tables();
  t.is(before[3]?.length, 4);
  await bus.publish(messages);
  await bus.publish(messages.slice(1, 3));
  await bus.publish([...messages.slice(3), ...messages.slice(0, 1)]);
  t.deepEqual(await tables(), before);
  await bus.publish([...messages, ...asMessages(envelopes(JOB, [events.deleted], 5))]);
  t.is((await rows('select revision from read_model.job'))[0]?.revision, 5);
});

for (const projection of projections.filter(({ family }) => family === jobEvents))
  test(`I3: ${projection.name} stops at a gap instead of skipping an event`, async (t) => {
    const { bus, project, rows } = await open(t);
    const table = new Map<string, string>([
      ['jobs', 'job'],
      ['stats', 'stats_share'],
      ['history', 'history'],
    ]).get(projection.name);
    const reached = async () =>
      (await rows(`select max(revision) as reached from read_model.${table} where job_id = '${JOB}'`))[0]
        ?.reached;
    const failures: unknown[] = [];
    await project({
      ...projection,
      apply: (client, batch) =>
        projection.apply(client, batch).catch((error) => {
          failures.push(error);
          throw error;
        }),
    });
    const [first, , third] = asMessages(history(JOB));
    await bus.publish([first!]);
    const blocked = bus.publish([third!]);
    blocked.catch(() => {});
    await until('it stopped', () => failures.length > 0);
    t.regex(String(failures[0]), /is at revision 1, the next event is 3/);
    t.is(await reached(), 1);
    t.is(
      (await rows(`select 1 from read_model.checkpoint where projection = '${projection.name}'`)).length,
      1,
    );
  });

test('I4: a failure in the middle leaves neither rows nor a moved checkpoint, and is made good', async (t) => {
  const { bus, project, rows, offsets } = await open(t);
  let failing = false;
  await project({
    ...jobsProjection,
    async apply(client, batch) {
      const changes = await jobsProjection.apply(client, batch);
      if (failing) throw new Error('the disk is full');
      return changes;
    },
  });
  await bus.publish(asMessages(history(JOB)).slice(0, 1));
  const before = await offsets();
  failing = true;
  const second = bus.publish(asMessages(history(OTHER)).slice(0, 1));
  t.deepEqual(await offsets(), before);
  t.is((await rows('select 1 from read_model.job')).length, 1);
  failing = false;
  await second;
  t.is((await rows('select 1 from read_model.job')).length, 2);
  t.notDeepEqual(await offsets(), before);
});

test('I4: a projector that lost its place to another rolls back', async (t) => {
  const { bus, pool, project, rows, offsets } = await open(t);
  const entered = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const outcomes: string[] = [];
  const stale = await project({
    ...statsProjection,
    async apply(client, batch) {
      const changes = await statsProjection.apply(client, batch);
      entered.resolve();
      await goOn.promise;
      outcomes.push('applied');
      return changes;
    },
  });
  const published = bus.publish(asMessages(history(JOB)).slice(0, 1));
  published.catch(() => {});
  await entered.promise;
  await pool.query(`update read_model.checkpoint set owner = 'another projector'`);
  goOn.resolve();
  await until('it tried again', () => outcomes.length > 1);
  t.deepEqual(await rows('select * from read_model.stats'), []);
  t.deepEqual(await rows('select * from read_model.stats_share'), []);
  t.deepEqual(
    (await offsets()).map(({ next_offset }) => next_offset),
    [null],
  );
  await stale.close();
});

test("I4: after a restart a projection goes on from its own checkpoint, not from the broker's", async (t) => {
  const { bus, pool, project, offsets, revisionOf } = await open(t);
  const first = await project(jobsProjection);
  await bus.publish(asMessages(history(JOB)).slice(0, 2));
  await first.close();
  const [kept] = await offsets();
  const asked: (bigint | undefined)[] = [];
  const observed: Bus = {
    ...bus,
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        position: async (...place) => {
          const position = await options.position?.(...place);
          asked.push(position);
          return position;
        },
      }),
  };
  await startProjector(jobsProjection, { bus: observed, pool, log: silentLogger });
  t.deepEqual(asked, [BigInt(String(kept?.next_offset))]);
  await startProjector(statsProjection, { bus: observed, pool, log: silentLogger });
  t.is(asked[1], undefined, 'the first start of a projection begins at the beginning');
  await bus.publish(asMessages(history(JOB))).catch(() => {});
  t.is(await revisionOf(JOB), 4);
});

test('changes are told after their commit, for each read model', async (t) => {
  const { url, bus, project, rows } = await open(t);
  const heard: string[] = [];
  const visible: boolean[] = [];
  const listener = await listenToReadModel({
    url,
    log: silentLogger,
    onChange: (name, [job, revision]) => {
      heard.push(`${name} ${job.slice(-1)}/${revision}`);
      void rows(`select 1 from read_model.history where job_id = '${job}' and revision = ${revision}`).then(
        (found) => visible.push(name !== 'history' || found.length === 1),
      );
    },
  });
  t.teardown(() => listener.close());
  for (const projection of projections) await project(projection);
  await bus.publish(asMessages(history(JOB)));
  await until('all were heard', () =>
    ['jobs a/4', 'stats a/4', 'history a/4'].every((change) => heard.includes(change)),
  );
  await until('all were looked up', () => visible.length === heard.length);
  t.true(visible.every(Boolean));
});

test('the history keeps every event as it was published', async (t) => {
  const { bus, project, rows } = await open(t);
  await project(historyProjection);
  const told = history(JOB);
  await bus.publish(asMessages(told));
  const kept = await rows('select * from read_model.history order by revision');
  t.deepEqual(
    kept.map(({ revision, type, data, event_id, correlation_id }) => ({
      revision,
      type,
      data,
      event_id,
      correlation_id,
    })),
    told.map(({ revision, event, id, correlation_id }) => ({
      revision,
      type: event.type,
      data: event.data,
      event_id: id,
      correlation_id,
    })) as never,
  );
});

test('projections that start together share one schema and follow the jobs', async (t) => {
  const { url, bus, revisionOf } = await open(t);
  const started = await Promise.all([1, 2].map(() => startProjections({ url, bus, log: silentLogger })));
  t.teardown(async () => void (await Promise.all(started.map((part) => part.close()))));
  await bus.publish(asMessages(history(JOB)));
  t.is(await revisionOf(JOB), 4);
  await t.notThrowsAsync(async () => started[0]?.ping());
});
