import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'bootstrap-api-key';

/** The first key: the configured one, else the one kept in the data folder, else a new one, kept there (mode 0600). */
export async function bootstrapKey(
  dataFolder: string,
  configured?: string,
): Promise<{ key: string; file?: string; isNew: boolean }> {
  if (configured) return { key: configured, isNew: false };
  const file = join(dataFolder, FILE);
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept?.trim()) return { key: kept.trim(), file, isNew: false };
  const key = `tf_${randomBytes(32).toString('base64url')}`;
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, file, isNew: true };
}
