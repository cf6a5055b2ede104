import { listenToReadModel } from '@transcodeflow/shared/read-model/listen.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { historyProjection } from '../history/projection.ts';
import { projections, startProjections } from '../start.ts';
import { asMessages, envelopes, events } from '../testing/histories.ts';
import { history, JOB, openProjector } from '../testing/projected-jobs.ts';
import { jobEvents } from './event-family.ts';

test('I3: what comes again is skipped, alone or within a batch, and changes no figure', async (t) => {
  const { bus, project, rows } = await openProjector(t);
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
    const { bus, project, rows } = await openProjector(t);
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

test('changes are told after their commit, for each read model', async (t) => {
  const { url, bus, project, rows } = await openProjector(t);
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
  const { bus, project, rows } = await openProjector(t);
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
  const { url, bus, revisionOf } = await openProjector(t);
  const started = await Promise.all([1, 2].map(() => startProjections({ url, bus, log: silentLogger })));
  t.teardown(async () => void (await Promise.all(started.map((part) => part.close()))));
  await bus.publish(asMessages(history(JOB)));
  t.is(await revisionOf(JOB), 4);
  await t.notThrowsAsync(async () => started[0]?.ping());
});
