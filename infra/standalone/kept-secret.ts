import { readFile, writeFile } from 'node:fs/promises';

/** The secret kept in a file, or a new one that is kept there from now on, readable by its owner only (mode 0600). */
export async function keptSecret(
  file: string,
  make: () => string,
): Promise<{ secret: string; isNew: boolean }> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept?.trim()) return { secret: kept.trim(), isNew: false };
  const secret = make();
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return { secret, isNew: true };
}
