import { mkdir, realpath, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-code.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Makes `folder` and what is missing above it, and returns only when no part of it is a symbolic link
 * (links could lead out of the store). `folder` must be absolute and lie in a real folder.
 */
export async function ensureRealFolder(folder: string): Promise<void> {
  if (await isRealFolder(folder)) return;
  const parent = path.dirname(folder);
  await ensureRealFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // ENOENT: another call's `remove` pruned the parent in between.
    if (errorCode(error) === 'ENOENT') return ensureRealFolder(folder);
    if (errorCode(error) !== 'EEXIST') throw error;
    if (!(await isRealFolder(folder))) throw new Error(`${folder} is a dangling link`, { cause: error });
    return;
  }
  await syncFolder(parent);
}

async function isRealFolder(folder: string): Promise<boolean> {
  try {
    if ((await realpath(folder)) === folder) return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  throw new Error(`${folder} leads through a symbolic link`);
}

/** Removes `folder` and its parents below `root` as long as they are empty and not about to be written to. */
export async function pruneEmptyFolders(
  folder: string,
  root: string,
  isWanted: (folder: string) => boolean,
): Promise<void> {
  for (let current = folder; current.startsWith(root + path.sep); current = path.dirname(current)) {
    if (isWanted(current)) return;
    try {
      await rmdir(current);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') continue;
      return;
    }
  }
}
