import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { canEnter, type ServerAccount } from './server-account.ts';

/** Where and as whom the programs of PostgreSQL run. */
export interface ServerContext {
  programs: string;
  account: ServerAccount;
}

type Program = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts `initdb` or `postgres` on a cluster. It starts inside the cluster's folder and, where its user
 * cannot get there by path (below root's 0700 home), is told to use `/proc/self/cwd`, for which no right on
 * the folders above is needed: so the data stay where the operator put them.
 * `detached`: a terminal's Ctrl-C is for Node, which ends the server when its own work has ended.
 */
export async function spawnProgram(
  { programs, account }: ServerContext,
  name: 'initdb' | 'postgres',
  cluster: string,
  args: (dataFolder: string) => string[],
): Promise<Program> {
  const byPath = process.platform !== 'linux' || (await canEnter(account, cluster));
  return spawn(path.join(programs, name), args(byPath ? cluster : '/proc/self/cwd'), {
    ...account,
    cwd: cluster,
    detached: true,
    // Nothing of Node's environment: it may hold keys, and PG* variables would change what runs.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs one to its end. @throws {Error} with the end of its output when it fails */
export async function runProgram(
  context: ServerContext,
  name: 'initdb' | 'postgres',
  cluster: string,
  args: (dataFolder: string) => string[],
  input = '',
): Promise<void> {
  const child = await spawnProgram(context, name, cluster, args);
  const lines = lastLines([child.stdout, child.stderr]);
  child.stdin.on('error', () => {}).end(input);
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject).once('close', (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0)
    throw new Error(`PostgreSQL's ${name} failed (${code}) on ${cluster}:\n${lines().join('\n')}`);
}

/** Keeps the last 20 lines of some streams; `onLine` sees each. */
export function lastLines(streams: Readable[], onLine?: (line: string) => void): () => string[] {
  const lines: string[] = [];
  for (const input of streams) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      onLine?.(line);
    });
  }
  return () => lines;
}
