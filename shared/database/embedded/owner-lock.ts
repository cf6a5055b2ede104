import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processIdentity } from './process-identity.ts';

const PREFIX = 'owner.';

/**
 * Makes this process the folder's only owner until the returned function is called or the process ends.
 *
 * Each claimant first leaves `owner.<pid>.<identity>` and then looks for others: of two that come at the same
 * moment at least one sees the other, so there are never two owners (both may be refused; the next try
 * succeeds). A claim of a process that is gone is removed: its identity, not only its pid, must be alive.
 * Sees processes of one machine (one pid namespace) only.
 * @throws {Error} that names the owner's pid
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const own = `${PREFIX}${process.pid}.${await processIdentity(process.pid)}`;
  const claim = path.join(folder, own);
  await writeFile(claim, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    throw new Error(`This process (pid ${process.pid}) has ${folder} open already`, { cause: error });
  });
  const release = () => rm(claim, { force: true });
  try {
    for (const name of await readdir(folder)) {
      if (!name.startsWith(PREFIX) || name === own) continue;
      const [, pid = '', identity] = name.split('.');
      if ((await processIdentity(Number(pid))) === identity) {
        throw new Error(
          `${folder} is in use by the process with pid ${pid}: stop that one, or choose another DATA_DIR`,
        );
      }
      await rm(path.join(folder, name), { force: true });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}
