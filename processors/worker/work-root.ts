import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders name their host and process, so that what a killed processor left behind can be told apart. */
const prefixOf = (pid: number | string): string => `transcodeflow-${hostname()}-${pid}-`;

/**
 * A folder of this process's own for work files, after sweeping those of processors on this host that are gone: a
 * killed one cannot remove its own, and they can be as large as its sources.
 * @param parent default: the system's folder for temporary files
 */
export async function createWorkRoot(parent = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /-(\d+)-[^-]+$/.exec(name)?.[1];
    if (!pid || !name.startsWith(prefixOf(pid))) continue;
    if (Number(pid) === process.pid || !isAlive(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, prefixOf(process.pid)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
