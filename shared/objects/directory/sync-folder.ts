import { open } from 'node:fs/promises';
import { errorCode } from './error-code.ts';

/** Makes a rename into `folder` outlive a power cut. A folder that was pruned meanwhile has nothing to keep. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
