import { listenToReadModel } from '@transcodeflow/shared/read-model/listen.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { jobsProjection } from '../jobs/projection.ts';
import { createTables } from '../projector/create-tables.ts';
import { jobEvents } from '../projector/event-family.ts';
import { projections } from '../start.ts';
import { jobId, openStored } from '../testing/stored-jobs.ts';
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
