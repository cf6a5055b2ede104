import { appendSql } from '@transcodeflow/shared/event-store/postgres/append-sql.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import pg from 'pg';
import { jobsProjection } from '../jobs/projection.ts';
import { projections } from '../start.ts';
import { statsProjection } from '../stats/projection.ts';
import { events } from '../testing/histories.ts';
import { jobId, life, openStored } from '../testing/stored-jobs.ts';
import type { EventSource } from './event-source.ts';
import { rebuild } from './rebuild.ts';
import { verify } from './verify.ts';

const revisions = 'select job_id, revision from read_model.job order by job_id';

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

test('I4: two rebuilds of the same read model take turns', async (t) => {
  const { append, options, rows } = await openStored(t);
  for (let n = 0; n < 5; n += 1) await append(n);
  await Promise.all([1, 2, 3].map(() => rebuild(jobsProjection, options)));
  t.is((await rows(revisions)).length, 5);
});
