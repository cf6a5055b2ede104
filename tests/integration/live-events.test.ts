import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { startProjections } from '../../projections/start.ts';
import { asMessages, envelopes } from '../../projections/testing/histories.ts';
import { wholeLife } from '../../projections/testing/stored-jobs.ts';
import { startQueryService } from '../../query-service/start.ts';
import type { Order, Report, Wanted } from './event-clients.ts';

const ACCOUNTS = ['anna', 'bert', 'carl', 'dora', 'emil'];
const JOBS = 40;
const ACCOUNT_STREAMS = 880;
const WAIT_MS = 90_000;

const jobId = (n: number) => `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`;
const accountOf = (n: number) => ACCOUNTS[n % ACCOUNTS.length] ?? '';
const life = (n: number) =>
  wholeLife(jobId(n), { account_id: accountOf(n) }).filter(({ type }) => type !== 'JobDeleted');

/** Projections and the query service over one database, and clients in another process. */
async function open(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-live-'));
  const url = await testDatabase(t);
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(folder);
  const projections = await startProjections({ url, bus, log: silentLogger });
  const queries = await startQueryService({
    databaseUrl: url,
    bus,
    cache: createMemoryCache(),
    objects,
    keys: { identify: async (key) => identity(key, 'read') },
    secretKey: 'a-secret-of-more-than-32-characters!',
    log: silentLogger,
    publicUrl: undefined,
  });
  const server = await listen(queries.app.callback(), 0, '127.0.0.1');
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  const clients = fork(new URL('./event-clients.ts', import.meta.url));
  t.teardown(async () => {
    clients.kill();
    queries.endStreams();
    await server.close();
    await projections.close();
    await queries.close();
    await bus.close();
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });
  const ask = async (order: Order): Promise<Report> => {
    clients.send(order);
    const [report] = (await once(clients, 'message')) as [Report];
    return report;
  };
  return { bus, pool, server, queries, ask };
}

test('1,000 open streams of one query service get every event of theirs, once and in order', async (t) => {
  t.timeout(4 * 60_000);
  const { bus, pool, server, queries, ask } = await open(t);
  const messages = Array.from({ length: JOBS }, (_, n) => asMessages(envelopes(jobId(n), life(n))));
  // Every job has begun before anybody listens: streams of jobs begin with what was, streams of accounts do not.
  for (const [first] of messages) if (first) await bus.publish([first]);
  const wanted: Wanted[] = [
    ...Array.from({ length: ACCOUNT_STREAMS }, (_, n) => ({ path: '/api/events', key: accountOf(n) })),
    ...Array.from({ length: 3 * JOBS }, (_, n) => ({
      path: `/api/jobs/${jobId(n % JOBS)}/events`,
      key: accountOf(n % JOBS),
    })),
  ];
  const idle = memory();
  const opening = performance.now();
  await ask({ open: wanted, url: server.url });
  const openMs = performance.now() - opening;
  t.is(queries.streams(), 1_000);
  const open1000 = memory();

  const started = performance.now();
  const cpu = process.cpuUsage();
  for (let revision = 1; revision < (messages[0]?.length ?? 0); revision += 1)
    for (let n = 0; n < JOBS; n += 4)
      await bus.publish(messages.slice(n, n + 4).flatMap((list) => list.slice(revision, revision + 1)));
  const publishedMs = performance.now() - started;

  const { rows } = await pool.query<{ account_id: string; name: string; revision: number }>(
    `select account_id, right(job_id::text, 4) || '.' || revision as name, revision
     from read_model.history order by position`,
  );
  t.is(rows.length, JOBS * life(0).length);
  const expected = new Map(
    ACCOUNTS.map((account) => [
      account,
      rows.filter((row) => row.account_id === account && row.revision > 1).map(({ name }) => name),
    ]),
  );
  const ofJob = (n: number) => life(n).map((_, index) => `${jobId(n).slice(-4)}.${index + 1}`);
  const report = await until(
    'every stream has everything',
    async () => {
      const answer = await ask({ report: true });
      if (!('received' in answer)) return undefined;
      const complete = answer.received.every(
        (got, index) =>
          got.length >= (index < ACCOUNT_STREAMS ? expected.get(accountOf(index)) : life(0))!.length,
      );
      return complete && answer.ended >= 3 * JOBS ? answer : undefined;
    },
    WAIT_MS,
  );
  const allMs = performance.now() - started;
  const used = process.cpuUsage(cpu);
  for (const [index, got] of report.received.entries()) {
    const all =
      index < ACCOUNT_STREAMS ? expected.get(accountOf(index)) : ofJob((index - ACCOUNT_STREAMS) % JOBS);
    if (got.join() !== all?.join()) t.deepEqual(got, all, `stream ${index}`);
  }
  t.true(report.reconnects >= 90, 'some hung up and came back');
  const frames = report.received.reduce((sum, got) => sum + got.length, 0);
  t.log(`1,000 streams opened in ${Math.round(openMs)} ms: ${open1000 - idle} MB more (idle ${idle} MB)`);
  t.log(
    `${rows.length - JOBS} events projected in ${Math.round(publishedMs)} ms; ${frames} frames with all clients after ${Math.round(allMs)} ms, ${Math.round((used.user + used.system) / 1_000)} ms CPU of projections and query service; ${memory()} MB`,
  );
  await until('streams of finished jobs are closed', () => queries.streams() === ACCOUNT_STREAMS);
});

const memory = () => Math.round(process.memoryUsage().rss / 1024 / 1024);
