import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keptSecret } from './kept-secret.ts';

const FILE = 'secret-key';

/** SECRET_KEY as configured, else the one kept in the data folder, else a new one, kept there (mode 0600). */
export async function secretKey(dataFolder: string, configured?: string): Promise<string> {
  if (configured) return configured;
  const { secret } = await keptSecret(join(dataFolder, FILE), () => randomBytes(32).toString('base64url'));
  return secret;
}
