import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { canRun, type ServerAccount } from './server-account.ts';

const CACHE = '/var/cache/transcodeflow';

/**
 * The folder with `initdb` and `postgres` that the account may run. Where it may not (a checkout below
 * root's 0700 home) that is a copy, ~25 MB, made once per version in /var/cache/transcodeflow, owned by root.
 */
export async function serverPrograms(native: string, account: ServerAccount, cache = CACHE): Promise<string> {
  const programs = path.join(native, 'bin');
  if (await canRun(account, path.join(programs, 'postgres'))) return programs;
  if (account.uid === undefined) throw new Error(`${programs}/postgres does not run on this machine`);
  const { name, version } = JSON.parse(await readFile(path.join(native, '../package.json'), 'utf8'));
  const copy = path.join(cache, `${String(name).replace(/^.*\//, 'postgres-')}-${version}`);
  if (!(await isRootsFolder(copy))) await copyPrograms(native, copy);
  const copied = path.join(copy, 'bin');
  if (await canRun(account, path.join(copied, 'postgres'))) return copied;
  throw new Error(
    `User ${account.uid} may run PostgreSQL neither from ${programs} nor from ${copied}: set DATABASE_URL`,
  );
}

/** A folder somebody else made could hold somebody else's programs. */
async function isRootsFolder(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found && found.uid !== 0) throw new Error(`${folder} does not belong to root: remove it`);
  return found !== undefined;
}

async function copyPrograms(native: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  const unfinished = `${target}.${randomUUID()}`;
  try {
    const filter = (source: string) => !source.endsWith('.a');
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true, filter });
    await rename(unfinished, target).catch(async (error: unknown) => {
      if (!(await isRootsFolder(target))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
