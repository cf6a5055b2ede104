import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { IncomingMessage, OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import { fromDeadLetter } from '@transcodeflow/shared/contracts/dead-letter.ts';
import { deadLetterSettings, topicSettings, topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { recordDeadLetters } from '@transcodeflow/shared/dead-letters/record-dead-letters.ts';
import { testOperator } from '@transcodeflow/shared/dead-letters/testing.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { startProcessManager } from '../../command-service/process-manager/process-manager.ts';
import { openStorage } from '../../command-service/storage/open-storage.ts';
import { startSweeper } from '../../command-service/sweeper/sweeper.ts';
import { openCore } from '../../command-service/testing/core.ts';
import { openWorker } from '../../processors/worker/testing/bench.ts';
import { startProjections } from '../../projections/start.ts';
import { type KafkaBroker, startKafka } from '../systems/kafka-broker.ts';

const log = createLogger('dead-letters.test', process.env.LOG_LEVEL ?? 'fatal');
const WAIT_MS = 60_000;
const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../infra/standalone/dead-letters.ts', import.meta.url));
const keyed = [topics.jobs, topics.processing, topics.progress];
const unkeyed = Object.values(topics.tasks);

let kafka: KafkaBroker;
test.before(async () => {
  kafka = await startKafka();
});
test.after.always(async () => {
  await kafka?.stop();
});

/** Every consumer of the system over Kafka; tasks succeed at once. */
async function open(t: ExecutionContext) {
  await ensureTopics({ brokers: kafka.brokers, settings: [...topicSettings, ...deadLetterSettings], log });
  const core = await openCore(t);
  const { url, commands } = core;
  const bus = await openKafkaBus({ brokers: kafka.brokers, clientId: 'test', log });
  core.closeAtEnd(bus);
  const deadLetters = await openDeadLetters({ url, bus, log });
  core.closeAtEnd(deadLetters);
  core.closeAtEnd(await startProjections({ url, bus, log }));
  core.closeAtEnd(await recordDeadLetters(bus, deadLetters, log));
  core.closeAtEnd(await startProcessManager({ url, bus, commands, deadLetters, log, soleProcessor: false }));
  const { objects } = await openWorker(t, {
    wrap: () => bus,
    runTask: async (spec, { prefix }) => sampleResult(spec, prefix),
  });
  const storage = await openStorage({ url, store: core.store, commands, objects, log });
  core.closeAtEnd(storage);
  const { reservations } = storage;
  core.closeAtEnd(await startSweeper({ bus, commands, objects, reservations, deadLetters, log }));
  const letters: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'reader',
    topics: deadLetterSettings.map(({ topic }) => topic),
    handler: async ({ messages }) => void letters.push(...messages),
  });
  const pool = openPool({ url, name: 'test', max: 1, log });
  t.teardown(() => pool.end());
  const operate = async (...args: string[]) =>
    (await run(process.execPath, [cli, ...args], { env: { ...process.env, DATABASE_URL: url } })).stdout;
  return { ...core, bus, letters, operator: testOperator(pool), operate };
}

/** Enough of them to lie in the way in every partition. */
const poison = (): OutgoingMessage[] =>
  [...keyed, ...unkeyed, topics.control].flatMap((topic) =>
    Array.from({ length: 24 }, (_, n) => ({
      topic,
      ...(unkeyed.includes(topic as never) ? {} : { key: `poison-${n % 12}` }),
      headers: { ce_id: `${topic}-${n}` },
      value: Buffer.from('{"no JSON'),
    })),
  );

test('I9: poison on every topic: the rest flows, the job behind it parks, a retry heals it in order (I3)', async (t) => {
  const { bus, rows, request, relay, history, operator, operate, letters } = await open(t);
  await bus.publish(poison());
  const damaged = await request();
  const jobs = [await request(), await request(), await request(), await request()];
  await rows(`create function refuse() returns trigger language plpgsql as $$ begin
    if (to_jsonb(new) ->> 'stream' = 'job-${damaged}' and to_jsonb(new) ->> 'type' = 'TaskStarted')
      or to_jsonb(new) ->> 'job_id' = '${damaged}' then raise exception 'a bug for one job'; end if;
    return new; end $$`);
  for (const table of ['event_store.event', 'read_model.job'])
    await rows(`create trigger refuse before insert on ${table} for each row execute function refuse()`);
  relay(bus);

  const completed = async () =>
    (await rows(`select job_id from read_model.job where status = 'completed'`)).map(({ job_id }) => job_id);
  await until('the other jobs complete', async () => (await completed()).length === jobs.length, WAIT_MS);
  t.deepEqual((await completed()).toSorted(), jobs.toSorted());
  const parkedOfJob = async () =>
    (await operator.list({ job: damaged })).map(({ consumer, type }) => `${consumer} ${type}`).toSorted();
  const expected = [
    'process-manager.reports TaskStarted',
    'process-manager.reports TaskSucceeded',
    'projections.jobs JobRequested',
    'projections.jobs TaskScheduled',
  ];
  await until('it parks', async () => (await parkedOfJob()).length >= expected.length, WAIT_MS);
  t.deepEqual(await parkedOfJob(), expected);
  t.deepEqual(await history(damaged), ['JobRequested', 'TaskScheduled inspect/1']);

  // projections × 3, timers and sweeper; reports; progress: 12 keys with one behind each, or alone. Tasks alone.
  const counts = () => operator.list().then((all) => Object.entries(Object.groupBy(all, (row) => row.topic)));
  await until('all poison parks', async () => (await operator.list()).length >= 24 * 10 + 4, WAIT_MS);
  const byTopic = Object.fromEntries((await counts()).map(([topic, all]) => [topic, all?.length]));
  t.like(byTopic, {
    [topics.jobs]: 24 * 5 + 2,
    [topics.processing]: 24 + 2,
    [topics.progress]: 24,
    ...Object.fromEntries(unkeyed.map((topic) => [topic, 24])),
  });
  for (const table of ['event_store.event', 'read_model.job']) await rows(`drop trigger refuse on ${table}`);
  t.regex(await operate('retry', '--job', damaged), /^4 handled, 0 still parked, 0 not taken up yet/);
  await until('it completes', async () => (await completed()).includes(damaged), WAIT_MS);
  t.deepEqual((await history(damaged)).slice(0, 4), [
    'JobRequested',
    'TaskScheduled inspect/1',
    'TaskStarted inspect/1',
    'TaskSucceeded inspect/1',
  ]);
  t.deepEqual(await operator.list({ job: damaged }), []);

  await until('the topics have copies of all', () => letters.length >= 24 * 10 + 4, WAIT_MS);
  const copied = new Set(letters.map((letter) => fromDeadLetter(letter).message.topic));
  t.deepEqual([...copied].toSorted(), [...keyed, ...unkeyed].toSorted());
  const [first] = await operator.list({ consumer: 'projections.jobs' });
  await t.throwsAsync(operate('drop', first!.id, '--yes'), { message: /rebuild/ });
  t.regex(await operate('drop', first!.id, '--yes', '--force'), /Dropped/);
  t.regex(await operate('list', '--consumer', 'processors.low'), /24 parked/);
});
