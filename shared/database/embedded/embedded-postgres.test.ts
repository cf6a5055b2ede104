import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  chmod,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { silentLogger as log } from '../../telemetry/logger.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { nativeFolder } from './native-folder.ts';

const PROCESS = fileURLToPath(new URL('../../testing/embedded-postgres-process.ts', import.meta.url));

/** A folder that only this user may enter, as a home. */
async function privateFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcodeflow-embedded-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(folder, 0o700);
  return folder;
}

async function start(t: ExecutionContext, dataFolder: string, more = {}) {
  const server = await startEmbeddedPostgres({ dataFolder, log, ...more });
  t.teardown(() => server.close());
  return server;
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function startProcess(
  t: ExecutionContext,
  ...args: string[]
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [PROCESS, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  t.teardown(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('It did not happen within 20 s');
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

async function postmasterPid(dataFolder: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataFolder, 'cluster/postmaster.pid'), 'utf8'), 10);
}

/** The server's watchdog: the shell that was given the server's pid. */
async function watchdogPid(server: number): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`transcodeflow-watchdog\0${server}\0`)) return Number(pid);
  }
  throw new Error(`The server ${server} has no watchdog`);
}

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

test('after kill -9 of Node the server ends by itself, and nothing committed is lost', async (t) => {
  const folder = await privateFolder(t);
  const { child, url } = await startProcess(t, folder);
  await query(url, 'CREATE TABLE place AS SELECT generate_series(1, 1000) AS id');
  await kill(child);
  await until(async () => !(await exists(path.join(folder, 'cluster/postmaster.pid'))));
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
  await until(async () => !(await exists(path.join(kept, 'cluster/postmaster.pid'))));
  await until(async () => !(await exists(temporary)));
  const { child } = await startProcess(t, temporary, 'temporary');
  await kill(child);
  await until(async () => !(await exists(temporary)));
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
