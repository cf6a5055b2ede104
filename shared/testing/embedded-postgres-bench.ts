import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts';
import { silentLogger as log } from '../telemetry/logger.ts';
import { until } from './until.ts';

const PROCESS = fileURLToPath(new URL('embedded-postgres-process.ts', import.meta.url));

/** A folder that only this user may enter, as a home. */
export async function privateFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcodeflow-embedded-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(folder, 0o700);
  return folder;
}

export async function start(t: ExecutionContext, dataFolder: string, more = {}) {
  const server = await startEmbeddedPostgres({ dataFolder, log, ...more });
  t.teardown(() => server.close());
  return server;
}

export async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

export async function startProcess(
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

export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Waits until a file or folder is gone. */
export const gone = (file: string) => until(`${file} is gone`, async () => !(await exists(file)), 20_000);

export async function postmasterPid(dataFolder: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataFolder, 'cluster/postmaster.pid'), 'utf8'), 10);
}

/** The server's watchdog: the shell that was given the server's pid. */
export async function watchdogPid(server: number): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`transcodeflow-watchdog\0${server}\0`)) return Number(pid);
  }
  throw new Error(`The server ${server} has no watchdog`);
}
