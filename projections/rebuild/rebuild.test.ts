import { appendSql } from '@transcodeflow/shared/event-store/postgres/append-sql.ts';
import { listenToReadModel } from '@transcodeflow/shared/read-model/listen.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import pg from 'pg';
import { jobsProjection } from '../jobs/projection.ts';
import { createTables } from '../projector/create-tables.ts';
import { jobEvents } from '../projector/event-family.ts';
import { projections } from '../start.ts';
import { statsProjection } from '../stats/projection.ts';
import { events } from '../testing/histories.ts';
import { jobId, life, openStored } from '../testing/stored-jobs.ts';
import type { EventSource } from './event-source.ts';
import { rebuild } from './rebuild.ts';
import { verify } from './verify.ts';

const JOBS = 60;
const revisions = 'select job_id, revision from read_model.job order by job_id';

for (const projection of projections.filter(({ family }) => family === jobEvents))
  test(`I4: a rebuild of ${projection.name} gives the bytes that following the bus gave`, async (t) => {
    const { append, publish, project, options } = await openStored(t);
    await project(projection);
    for (let n = 0; n < JOBS; n += 1) {
      // In batches of different sizes, so that no row may depend on them.
      const stored = await append(n);
      for (let start = 0; start < stored.length; start += 1 + (n % 5))
        await publish(stored.slice(start, start + 1 + (n % 5)));
    }
    const before = await verify(projection, options);
    t.like(before, { equal: true, differences: [] });
    t.true(before.events > JOBS);
    await rebuild(projection, options);
    const after = await verify(projection, options);
    t.true(after.equal);
    t.is(after.live, before.live);
  });

test('I4: verify names the row and the column that differ, and a rebuild heals them', async (t) => {
  const { append, publish, project, options, pool } = await openStored(t);
  await project(jobsProjection);
  for (let n = 0; n < 10; n += 1) await publish(await append(n));
  await pool.query(`update read_model.job set status = 'failed' where job_id = $1`, [jobId(3)]);
  const damaged = await verify(jobsProjection, options);
  t.false(damaged.equal);
  t.not(damaged.live, damaged.fresh);
  t.regex(
    damaged.differences[0] ?? '',
    new RegExp(`table job: 10 rows.*${jobId(3)}.*status is "failed" live`),
  );
  await pool.query('delete from read_model.job where job_id = $1', [jobId(4)]);
  const missing = await verify(jobsProjection, { ...options, longestLagMs: 0 });
  t.regex(missing.differences[0] ?? '', /9 rows live, 10 rebuilt/);
  await rebuild(jobsProjection, options);
  t.true((await verify(jobsProjection, options)).equal);
});

test('I4: an event that commits late below a position already read is in the new tables', async (t) => {
  const { url, append, options, rows, store } = await openStored(t);
  const late = new pg.Client({ connectionString: url });
  await late.connect();
  t.teardown(() => late.end());
  await late.query('begin');
  const [first] = life(0);
  const row = [
    [1],
    ['019b7a11-7000-7000-8000-0000000000ff'],
    [first!.type],
    [1],
    [JSON.stringify(first!.data)],
  ];
  await late.query(appendSql, [`job-${jobId(0)}`, 0, ...row, '{"correlation_id":"late"}', [], [], [], []]);
  await append(1);
  let asked = 0;
  let read = 0;
  const source: EventSource = {
    ...store,
    frontier: (signal) => {
      asked += 1;
      return store.frontier(signal);
    },
    readAll: (...page) => {
      read += 1;
      return store.readAll(...page);
    },
  };
  const rebuilt = rebuild(jobsProjection, { ...options, source });
  await until('the frontier is waited for', async () => {
    const { rowCount } = await late.query(`select from pg_namespace where nspname = 'read_model_jobs_next'`);
    return asked === 1 && rowCount === 1;
  });
  t.is(read, 0, 'nothing is read as long as something below may still come');
  t.is((await store.readAll(0n, 10)).length, 2, 'appends are not held up, and the later one is visible');
  await late.query('commit');
  await rebuilt;
  t.deepEqual(
    (await rows(revisions)).map(({ job_id }) => job_id),
    [jobId(0), jobId(1)],
  );
});

test('I4: a batch under way ends before the switch, the next one goes on in the new tables', async (t) => {
  const { append, publish, project, options, rows } = await openStored(t);
  const entered = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let switched = false;
  await project({
    ...statsProjection,
    async apply(client, batch) {
      const changes = await statsProjection.apply(client, batch);
      if (!switched) entered.resolve();
      await goOn.promise;
      return changes;
    },
  });
  const [one, two] = [await append(5), await append(6)];
  const published = publish(one);
  await entered.promise;
  const rebuilt = rebuild(statsProjection, options).then(() => {
    switched = true;
  });
  await until('the switch waits for the batch', async () => {
    const waiting = await rows(`select from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database())`);
    return waiting.length > 0;
  });
  t.false(switched);
  goOn.resolve();
  await Promise.all([published, rebuilt]);
  await publish(two);
  await publish(await append(6, [events.cancelled], two.length));
  t.deepEqual(await rows('select job_id, revision from read_model.stats_share order by 1'), [
    { job_id: jobId(5), revision: one.length },
    { job_id: jobId(6), revision: two.length + 1 },
  ]);
  t.true((await verify(statsProjection, options)).equal);
});

test('I4: under writers, projectors and readers, rebuilds lose nothing and no query fails or sees less', async (t) => {
  const { append, publish, project, options, pool, rows } = await openStored(t);
  for (const projection of projections) await project(projection);
  for (let n = 0; n < 40; n += 1) await publish(await append(n));
  let done = false;
  let next = 40;
  const writing = (async () => {
    while (!done) await publish(await append(next++));
  })();
  let queries = 0;
  let least = 40;
  const reading = (async () => {
    while (!done) {
      const { rows: found } = await pool.query<{ jobs: string }>({
        name: 'count',
        text: `select count(*) as jobs from read_model.job`,
      });
      const jobs = Number(found[0]?.jobs);
      if (jobs < least) throw new Error(`${jobs} jobs after ${least}`);
      least = jobs;
      queries += 1;
    }
  })();
  for (let round = 0; round < 4; round += 1)
    for (const projection of projections) await rebuild(projection, options);
  done = true;
  await Promise.all([writing, reading]);
  t.true(queries > 0);
  t.is((await rows(revisions)).length, next);
  for (const projection of projections)
    t.deepEqual((await verify(projection, options)).differences, [], projection.name);
});

test('I4: a killed rebuild leaves the live tables as they were, and the next removes what it left', async (t) => {
  const { append, publish, project, options, pool, rows, store } = await openStored(t);
  await project(jobsProjection);
  for (let n = 0; n < 20; n += 1) await publish(await append(n));
  const before = await rows(revisions);
  const killed = await t.throwsAsync(
    rebuild(jobsProjection, {
      ...options,
      source: {
        ...store,
        // After its last page, before the switch.
        async frontier(signal) {
          const built = await rows(`select from pg_namespace where nspname = 'read_model_jobs_next'`);
          t.is(built.length, 1);
          await pool.query(
            `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
               and database = (select oid from pg_database where datname = current_database())`,
          );
          return store.frontier(signal);
        },
      },
    }),
  );
  t.truthy(killed);
  t.deepEqual(await rows(revisions), before);
  t.is((await rows(`select from pg_namespace where nspname = 'read_model_jobs_next'`)).length, 1);
  await publish(await append(20));
  await rebuild(jobsProjection, options);
  t.is((await rows(revisions)).length, 21);
  t.is((await rows(`select from pg_namespace where nspname like 'read_model_%'`)).length, 0);
});

test('I4: two rebuilds of the same read model take turns', async (t) => {
  const { append, options, rows } = await openStored(t);
  for (let n = 0; n < 5; n += 1) await append(n);
  await Promise.all([1, 2, 3].map(() => rebuild(jobsProjection, options)));
  t.is((await rows(revisions)).length, 5);
});

test('I8: what a rebuild shows before the projector does is told to the commands that wait for it', async (t) => {
  const { url, append, options } = await openStored(t);
  const heard: string[] = [];
  const listener = await listenToReadModel({
    url,
    log: silentLogger,
    onChange: (name, [job, revision]) => heard.push(`${name} ${job} ${revision}`),
  });
  t.teardown(() => listener.close());
  await append(2);
  await rebuild(jobsProjection, options);
  await until('it was heard', () => heard.includes(`jobs ${jobId(2)} 3`));
  t.pass();
});

test('I4: missing tables and tables of another version are filled from the event store at the start', async (t) => {
  const { url, append, publish, project, pool, rows } = await openStored(t);
  await project(jobsProjection);
  for (let n = 0; n < 8; n += 1) await publish(await append(n));
  await pool.query('drop table read_model.job');
  await createTables(pool, url, projections, silentLogger);
  t.is((await rows(revisions)).length, 8);

  const shouting = {
    ...jobsProjection,
    version: 99,
    apply: (...[client, batch]: Parameters<typeof jobsProjection.apply>) =>
      jobsProjection.apply(
        client,
        batch.map((envelope) =>
          envelope.event.type === 'JobRequested'
            ? {
                ...envelope,
                event: { ...envelope.event, data: { ...envelope.event.data, filename: 'LOUD' } },
              }
            : envelope,
        ),
      ),
  };
  await createTables(pool, url, [shouting], silentLogger);
  const loud = await rows(`select 1 from read_model.job where document ->> 'filename' = 'LOUD'`);
  t.is(loud.length, 8);

  // The projector of the old version still runs: it must not write into the new tables.
  const refused = publish(await append(8));
  refused.catch(() => {});
  await project(shouting);
  await refused;
  t.deepEqual(await rows(`select 1 from read_model.job where document ->> 'filename' <> 'LOUD'`), []);
});
