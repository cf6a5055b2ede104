import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {
  exists,
  gone,
  kill,
  postmasterPid,
  privateFolder,
  query,
  start,
  startProcess,
  watchdogPid,
} from '../../testing/embedded-postgres-bench.ts';

test('after kill -9 of Node the server ends by itself, and nothing committed is lost', async (t) => {
  const folder = await privateFolder(t);
  const { child, url } = await startProcess(t, folder);
  await query(url, 'CREATE TABLE place AS SELECT generate_series(1, 1000) AS id');
  await kill(child);
  await gone(path.join(folder, 'cluster/postmaster.pid'));
  const { url: next } = await start(t, folder);
  t.deepEqual(await query(next, 'SELECT count(*)::int FROM place'), [{ count: 1000 }]);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('an orphan whose watchdog was killed too is stopped by the next start', async (t) => {
  const folder = await privateFolder(t);
  const { child, url } = await startProcess(t, folder);
  await query(url, 'CREATE TABLE place AS SELECT generate_series(1, 1000) AS id');
  const orphan = await postmasterPid(folder);
  process.kill(await watchdogPid(orphan), 'SIGKILL');
  await kill(child);
  t.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }], 'the orphan lives');
  const { url: next } = await start(t, folder);
  t.not(await postmasterPid(folder), orphan);
  await t.throwsAsync(query(url, 'SELECT 1'), { code: 'ECONNREFUSED' });
  t.deepEqual(await query(next, 'SELECT count(*)::int FROM place'), [{ count: 1000 }]);
});

test('a server that is killed is told as lost, and the next start recovers', async (t) => {
  const folder = await privateFolder(t);
  const first = await start(t, folder);
  await query(first.url, 'CREATE TABLE place AS SELECT generate_series(1, 1000) AS id');
  process.kill(await postmasterPid(folder), 'SIGKILL');
  t.regex((await first.lost).message, /PostgreSQL ended by itself/);
  await first.close();
  const second = await start(t, folder);
  t.deepEqual(await query(second.url, 'SELECT count(*)::int FROM place'), [{ count: 1000 }]);
});

test('pids that belong to other processes by now are no hindrance', async (t) => {
  const folder = await privateFolder(t);
  await (await start(t, folder)).close();
  await writeFile(path.join(folder, `owner.${process.ppid}.1-00000000`), '');
  await writeFile(
    path.join(folder, 'cluster/postmaster.pid'),
    `${process.ppid}\n${folder}/cluster\n1\n5432\n`,
  );
  const { url } = await start(t, folder);
  t.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
  t.false(await exists(path.join(folder, `owner.${process.ppid}.1-00000000`)));
});
