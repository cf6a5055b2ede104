import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A short word that no other process ever has together with this pid: when it started, and in which boot.
 * Undefined where no such process runs (a zombie counts as gone).
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? linuxIdentity(pid) : startedAt(pid);
}

let boot: Promise<string> | undefined;

async function linuxIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Field 2 is the name in parentheses and may hold anything; the state is field 3, the start time field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown');
  return `${fields[19]}-${(await boot).slice(0, 8)}`;
}

async function startedAt(pid: number): Promise<string | undefined> {
  const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return answer?.stdout.trim().replaceAll(/\W+/g, '-') || undefined;
}
