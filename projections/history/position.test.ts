import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { createTables } from '../projector/create-tables.ts';
import { enterLiveTables } from '../projector/tables.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { verify } from '../rebuild/verify.ts';
import { envelopes } from '../testing/histories.ts';
import { jobId, life, openStored } from '../testing/stored-jobs.ts';
import { historyProjection } from './projection.ts';

async function open(t: ExecutionContext) {
  const stored = await openStored(t);
  const positions = async () => {
    const rows = (await stored.rows(
      `select job_id || '.' || revision as name, position::float8 as position from read_model.history order by position`,
    )) as { name: string; position: number }[];
    return new Map(rows.map(({ name, position }) => [name, position]));
  };
  return { ...stored, positions };
}

test('whoever numbers rows waits until the one before is visible: no lower position appears later', async (t) => {
  const { pool, rows, positions } = await open(t);
  const [entered, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const apply = (n: number, between?: Promise<void>) =>
    transaction(pool, async (client) => {
      await enterLiveTables(client, 'history');
      await historyProjection.apply(client, envelopes(jobId(n), life(n)));
      if (between) entered.resolve();
      await between;
    });
  const first = apply(5, goOn.promise);
  await entered.promise;
  let done = false;
  const second = apply(6).then(() => {
    done = true;
  });
  await until('the second waits', async () => {
    const waiting = await rows(
      `select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return waiting.length === 1;
  });
  t.false(done);
  t.is((await positions()).size, 0);
  goOn.resolve();
  await Promise.all([first, second]);
  const names = [...(await positions()).keys()];
  t.is(names.length, life(5).length + life(6).length);
  t.true(names.slice(0, life(5).length).every((name) => name.startsWith(jobId(5))));
});

test('a rebuild keeps every position that was told, and what nobody saw yet comes after all of them', async (t) => {
  const { append, publish, project, options, positions, rows } = await open(t);
  const projector = await project(historyProjection);
  for (let n = 1; n <= 10; n += 1) await publish(await append(n));
  await projector.close();
  const before = await positions();
  // In the store, not on the bus yet: the rebuild is ahead of the projector.
  for (let n = 11; n <= 13; n += 1) await append(n);
  await rebuild(historyProjection, options);
  const after = await positions();
  t.is(after.size, before.size + life(11).length + life(12).length + life(13).length);
  const greatest = Math.max(...before.values());
  for (const [name, position] of after)
    if (before.has(name)) t.is<number | undefined, number | undefined>(position, before.get(name));
    else t.true(position > greatest, name);
  t.is(new Set(after.values()).size, after.size);
  t.deepEqual(await rows('select 1 from read_model.history where position is null'), []);
  t.true((await verify(historyProjection, options)).equal);
  // And it goes on above.
  await project(historyProjection);
  await publish(await append(14, life(13)));
  const last = [...(await positions())].at(-1);
  t.true(last?.[0].startsWith(jobId(14)));
});

test('tables made anew without the old ones begin above every position that was ever told', async (t) => {
  const { append, publish, project, options, pool, url, positions } = await open(t);
  await project(historyProjection);
  for (let n = 1; n <= 5; n += 1) await publish(await append(n));
  const before = await positions();
  await pool.query('drop table read_model.history');
  await createTables(pool, url, [historyProjection], options.log);
  const after = await positions();
  t.is(after.size, before.size);
  t.true(Math.min(...after.values()) > Math.max(...before.values()));
});
