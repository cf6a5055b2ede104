import { once } from 'node:events';
import { chmod, cp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { Client } from 'pg';
import { silentLogger as log } from '../../telemetry/logger.ts';
import {
  exists,
  gone,
  kill,
  postmasterPid,
  privateFolder,
  query,
  start,
  startProcess,
} from '../../testing/embedded-postgres-bench.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { nativeFolder } from './native-folder.ts';

test('what was committed is there after the next start; only the password opens it', async (t) => {
  const folder = await privateFolder(t);
  const first = await start(t, folder);
  await query(first.url, 'CREATE TABLE place (name text)');
  await query(first.url, "INSERT INTO place VALUES ('here')");
  const url = new URL(first.url);
  t.is(url.hostname, '127.0.0.1');
  url.password = 'guessed';
  await t.throwsAsync(query(url.href, 'SELECT 1'), { message: /password authentication failed/ });
  t.is((await stat(path.join(folder, 'password'))).mode & 0o777, 0o600);
  await Promise.all([first.close(), first.close()]);
  t.deepEqual((await readdir(folder)).toSorted(), ['cluster', 'password']);

  const second = await start(t, folder);
  t.deepEqual(await query(second.url, 'SELECT name FROM place'), [{ name: 'here' }]);
  const rows = await query(
    second.url,
    `SELECT name, setting FROM pg_settings WHERE name IN
    ('fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'server_encoding') ORDER BY name`,
  );
  t.deepEqual(rows, [
    { name: 'fsync', setting: 'on' },
    { name: 'listen_addresses', setting: '127.0.0.1' },
    { name: 'server_encoding', setting: 'UTF8' },
    { name: 'synchronous_commit', setting: 'on' },
    { name: 'unix_socket_directories', setting: '' },
  ]);
});

test('it stops although sessions are open, and a lost password is made anew', async (t) => {
  const folder = await privateFolder(t);
  const first = await start(t, folder);
  const client = new Client({ connectionString: first.url });
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN');
  await first.close();
  await t.throwsAsync(query(first.url, 'SELECT 1'), { code: 'ECONNREFUSED' });
  await rm(path.join(folder, 'password'));
  const second = await start(t, folder);
  t.deepEqual(await query(second.url, 'SELECT 1 AS one'), [{ one: 1 }]);
  t.not(new URL(second.url).password, new URL(first.url).password);
});

test('a second owner is refused with the pid of the first, in this process and in another', async (t) => {
  const folder = await privateFolder(t);
  const { child, url } = await startProcess(t, folder);
  await t.throwsAsync(startEmbeddedPostgres({ dataFolder: folder, log }), {
    message: new RegExp(`in use by the process with pid ${child.pid}`),
  });
  t.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
  await kill(child);
  await start(t, folder);
  await t.throwsAsync(startEmbeddedPostgres({ dataFolder: folder, log }), { message: /open already/ });
});

test('a cluster that cannot be used is told with the reason, and the folder is free again', async (t) => {
  const folder = await privateFolder(t);
  const cluster = path.join(folder, 'cluster');
  await (await start(t, folder)).close();
  await writeFile(path.join(cluster, 'PG_VERSION'), '17\n');
  await t.throwsAsync(start(t, folder), { message: /made by PostgreSQL 17, this is 18/ });
  await rm(path.join(cluster, 'PG_VERSION'));
  await t.throwsAsync(start(t, folder), { message: /not a PostgreSQL cluster: PG_VERSION is missing/ });
  await writeFile(path.join(cluster, 'PG_VERSION'), '18\n');
  await truncate(path.join(cluster, 'global/pg_control'), 100);
  await t.throwsAsync(start(t, folder), { message: /does not start on .*cluster:[\s\S]*pg_control/ });
  t.deepEqual((await readdir(folder)).toSorted(), ['cluster', 'password']);
});

test('a process with nothing else to do ends, and a temporary database leaves nothing', async (t) => {
  const folder = await privateFolder(t);
  const [kept, temporary] = [path.join(folder, 'kept'), path.join(folder, 'temporary')];
  for (const args of [[kept], [temporary, 'temporary']]) {
    const { child } = await startProcess(t, ...args);
    const ended = once(child, 'exit');
    child.stdin?.end();
    t.deepEqual(await ended, [0, null]);
  }
  await gone(path.join(kept, 'cluster/postmaster.pid'));
  await gone(temporary);
  const { child } = await startProcess(t, temporary, 'temporary');
  await kill(child);
  await gone(temporary);
  t.true(await exists(kept));
});

test("a terminal's Ctrl-C does not reach the server", async (t) => {
  const folder = await privateFolder(t);
  const { child, url } = await startProcess(t, folder);
  const group = child.pid;
  if (group === undefined) return t.fail();
  process.kill(-group, 'SIGINT');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('SELECT pg_sleep(0.2)');
  await client.end();
  t.is(child.exitCode, null);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('as root it runs as another user, also where that user may enter neither folder', async (t) => {
  const home = await privateFolder(t);
  const native = path.join(home, 'checkout/native');
  await cp(nativeFolder(), native, { recursive: true, verbatimSymlinks: true });
  await cp(path.join(nativeFolder(), '../package.json'), path.join(home, 'checkout/package.json'));
  const programsCache = await privateFolder(t);
  await chmod(programsCache, 0o755);
  const dataFolder = path.join(home, 'data');
  for (const expected of [[], [{ id: 1 }]]) {
    const { url, close } = await start(t, dataFolder, { native, programsCache });
    await query(url, 'CREATE TABLE IF NOT EXISTS place (id int)');
    t.deepEqual(await query(url, 'SELECT id FROM place'), expected);
    await query(url, 'INSERT INTO place VALUES (1)');
    const server = await stat(`/proc/${await postmasterPid(dataFolder)}`);
    t.not(server.uid, 0);
    t.is((await stat(path.join(dataFolder, 'cluster'))).uid, server.uid);
    await close();
  }
  t.is((await stat(home)).mode & 0o777, 0o700);
  t.is((await readdir(programsCache)).length, 1);
});
