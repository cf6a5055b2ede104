import test, { type ExecutionContext } from 'ava';
import { createMemoryCache } from '../cache/memory-cache.ts';
import { openPool } from '../database/pool.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { until } from '../testing/until.ts';
import {
  decodeNotice,
  encodeNotices,
  jobReadModels,
  READ_MODEL_CHANNEL,
  type ReadModelName,
} from './channel.ts';
import { listenToReadModel } from './listen.ts';
import { openVisibility } from './visibility.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const OTHER = '019b7a11-7000-7000-8000-00000000000b';

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 2, log: silentLogger });
  t.teardown(() => pool.end());
  const tell = async (name: ReadModelName, revision: number, job = JOB) => {
    for (const notice of encodeNotices(name, [[job, revision]]))
      await pool.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
  };
  const cut = () =>
    pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'transcodeflow listener' and datname = current_database()`,
    );
  return { url, tell, cut };
}

test('I8: a command waits until every read model has reached its revision', async (t) => {
  const { url, tell } = await open(t);
  const visibility = await openVisibility(url, createMemoryCache(), silentLogger);
  t.teardown(() => visibility.close());
  let visible: boolean | undefined;
  const waiting = visibility.waitFor(JOB, 3).then((answer) => {
    visible = answer;
  });
  const [last, ...others] = [...jobReadModels].reverse();
  for (const name of others) await tell(name, 3);
  await tell(last!, 2);
  // Notifications arrive in order: when this job is visible, everything told before was heard.
  for (const name of jobReadModels) await tell(name, 5, OTHER);
  t.true(await visibility.waitFor(OTHER, 5));
  t.is(visible, undefined, 'one is behind');
  await tell(last!, 4);
  await waiting;
  t.true(visible);
  t.true(await visibility.waitFor(JOB, 2), 'known already');
});

test('I8: the wait is bounded', async (t) => {
  const { url } = await open(t);
  const visibility = await openVisibility(url, createMemoryCache(), silentLogger);
  t.teardown(() => visibility.close());
  t.false(await visibility.waitFor(JOB, 1));
});

test('I8: from the moment of the wait no cache shows anything older', async (t) => {
  const { url, tell } = await open(t);
  const cache = createMemoryCache();
  await cache.set(`job:${JOB}`, { revision: 2, value: 'old' }, 10_000);
  const visibility = await openVisibility(url, cache, silentLogger);
  t.teardown(() => visibility.close());
  const waiting = visibility.waitFor(JOB, 3);
  for (const name of jobReadModels) await tell(name, 3);
  await waiting;
  await cache.set(`job:${JOB}`, { revision: 2, value: 'old' }, 10_000);
  t.deepEqual(await cache.get(`job:${JOB}`), { revision: 3 });
});

test('a listener that was cut off connects again, and says that it may have missed something', async (t) => {
  const { url, tell, cut } = await open(t);
  const heard: number[] = [];
  let gaps = 0;
  const listener = await listenToReadModel({
    url,
    log: silentLogger,
    onChange: (_, [, revision]) => void heard.push(revision),
    onGap: () => (gaps += 1),
  });
  t.teardown(() => listener.close());
  t.deepEqual([listener.connected(), gaps], [true, 1]);
  await cut();
  await until('it noticed', () => !listener.connected() || gaps === 2);
  await until('it is back', () => listener.connected() && gaps === 2);
  await tell('jobs', 7);
  await until('it hears', () => heard.includes(7));
  t.pass();
});

test('notices hold any number of changes, each small enough for PostgreSQL', (t) => {
  const changes = Array.from({ length: 250 }, (_, n): [string, number] => [
    `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`,
    2_000_000_000,
  ]);
  const notices = encodeNotices('history', changes);
  t.true(notices.every((notice) => Buffer.byteLength(notice) < 8_000));
  t.deepEqual(
    notices.flatMap((notice) => decodeNotice(notice).changes),
    changes,
  );
  t.throws(() => decodeNotice('[]'));
});
