import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keptSecret } from './kept-secret.ts';

const FILE = 'bootstrap-api-key';

/** The first key: the configured one, else the one kept in the data folder, else a new one, kept there (mode 0600). */
export async function bootstrapKey(
  dataFolder: string,
  configured?: string,
): Promise<{ key: string; file?: string; isNew: boolean }> {
  if (configured) return { key: configured, isNew: false };
  const file = join(dataFolder, FILE);
  const { secret, isNew } = await keptSecret(file, () => `tf_${randomBytes(32).toString('base64url')}`);
  return { key: secret, file, isNew };
}
