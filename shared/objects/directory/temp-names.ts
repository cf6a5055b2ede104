import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Names in use by this process, over all its stores: what a sweep must leave alone. */
const inUse = new Set<string>();

/** Hands out names for unfinished files, `<pid>-<uuid>`, and sweeps those of processes that are gone. */
export class TempNames {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Runs `write` with a fresh path. Whatever is left at that path afterwards is removed. */
  async use<T>(write: (temp: string) => Promise<T>): Promise<T> {
    const name = `${process.pid}-${randomUUID()}`;
    const temp = path.join(this.folder, name);
    inUse.add(name);
    try {
      return await write(temp);
    } finally {
      await rm(temp, { force: true });
      inUse.delete(name);
    }
  }

  async sweep(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      if (!isLive(name)) await rm(path.join(this.folder, name), { force: true, recursive: true });
    }
  }
}

function isLive(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  if (pid === process.pid) return inUse.has(name);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
