import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { createTables } from '../projector/create-tables.ts';
import { enterLiveTables } from '../projector/tables.ts';
import type { EventSource } from '../rebuild/event-source.ts';
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
  t.teardown(async () => goOn.resolve());
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
  await project(historyProjection);
  for (let n = 1; n <= 10; n += 1) await publish(await append(n));
  // In the store, not on the bus yet: the rebuild is ahead of the projector.
  const [late] = [await append(11), await append(12), await append(13)];
  let asked = 0;
  let told = new Map<string, number>();
  const source: EventSource = {
    ...options.source,
    async frontier(signal) {
      asked += 1;
      if (asked === 2) {
        // The new table holds them already; the live one gets them now, and tells of them.
        await publish(late ?? []);
        told = await positions();
      }
      return options.source.frontier(signal);
    },
  };
  await rebuild(historyProjection, { ...options, source });
  t.true(asked >= 2);
  const after = await positions();
  t.is(told.size + life(12).length + life(13).length, after.size);
  const greatest = Math.max(...told.values());
  for (const [name, position] of after)
    if (told.has(name)) t.is<number | undefined, number | undefined>(position, told.get(name), name);
    else t.true(position > greatest, name);
  t.is(new Set(after.values()).size, after.size);
  t.deepEqual(await rows('select 1 from read_model.history where position is null'), []);
  t.true((await verify(historyProjection, options)).equal);
  // And it goes on above.
  await publish(await append(14, life(13)));
  t.true([...(await positions())].at(-1)?.[0].startsWith(jobId(14)));
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
