import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { jobsProjection } from '../jobs/projection.ts';
import { statsProjection } from '../stats/projection.ts';
import { asMessages } from '../testing/histories.ts';
import { history, JOB, OTHER, openProjector } from '../testing/projected-jobs.ts';
import { startProjector } from './projector.ts';

test('I4: rows and checkpoint move together, batch by batch', async (t) => {
  const { bus, project, revisionOf, offsets } = await openProjector(t);
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

test('I4: a failure in the middle leaves neither rows nor a moved checkpoint, and is made good', async (t) => {
  const { bus, project, rows, offsets } = await openProjector(t);
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
  const { bus, pool, project, rows, offsets } = await openProjector(t);
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
  const { bus, pool, project, offsets, revisionOf } = await openProjector(t);
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
