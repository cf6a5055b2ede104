import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a failed run left must not pass for the next one's.
 * @param before the names in the folder before that run
 */
export async function removeNew(folder: string, before: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder))
    if (!before.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}
