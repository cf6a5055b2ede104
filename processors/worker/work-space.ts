import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DISK_FULL } from '@transcodeflow/shared/contracts/task-error.ts';
import { TaskError } from '../task-error.ts';

export interface WorkSpace {
  /**
   * Sets bytes aside for what a task will write into its folder.
   * @returns gives them back
   * @throws {TaskError} `disk_full`, with what was needed and what there was
   */
  reserve(folder: string, bytes: number): Promise<() => void>;
}

interface Disk {
  /** Default: of the disk that the work folder is on. */
  freeBytes?: () => Promise<number>;
  /** Gives up what nobody needs, before a task is refused. */
  makeRoom?: () => Promise<void>;
}

/**
 * The room below a processor's work folder. What other tasks were promised and have not used yet is not free; two
 * processors that share a disk do not know of each other's promises.
 */
export function openWorkSpace(root: string, disk: Disk = {}): WorkSpace {
  const { freeBytes = () => freeOn(root), makeRoom } = disk;
  const promised = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  async function reserve(folder: string, bytes: number): Promise<() => void> {
    const others = await Promise.all(
      [...promised].map(async ([other, most]) => Math.max(0, most - (await sizeOf(other)))),
    );
    const aside = others.reduce((sum, each) => sum + each, 0);
    let free = await freeBytes();
    if (bytes > free - aside && makeRoom) {
      await makeRoom();
      free = await freeBytes();
    }
    if (bytes > free - aside) throw tooFull(bytes, free, aside);
    promised.set(folder, bytes);
    return () => promised.delete(folder);
  }

  return {
    reserve(folder, bytes) {
      if (bytes === 0) return Promise.resolve(() => {});
      // One after the other: two must not be given the same room.
      const mine = last.then(() => reserve(folder, bytes));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Bytes. */
export async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Files may come and go meanwhile. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = entries.map((name) =>
    lstat(join(folder, name)).then(
      // Files may have holes.
      (found) => (found.isFile() ? Math.min(found.size, found.blocks * 512) : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const MiB = (bytes: number) => `${Math.ceil(bytes / 1_024 ** 2)} MiB`;

const tooFull = (needed: number, free: number, aside: number) =>
  new TaskError({
    code: DISK_FULL,
    message: 'The processing machine has not enough disk space for this step at the moment.',
    detail: `${MiB(needed)} may be needed, ${MiB(free)} are free, of which ${MiB(aside)} are set aside for other tasks (WORK_DIR)`,
    retryable: true,
  });
