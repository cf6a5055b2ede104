import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../../config/read-environment.ts';
import { DATABASE, USER } from './cluster.ts';

/**
 * `DATABASE_URL`, or else the embedded database of the system that runs on the data folder: for commands beside it.
 * @throws {ConfigurationError} when there is neither
 */
export async function findDatabase(settings: {
  DATABASE_URL?: string | undefined;
  DATA_DIR: string;
}): Promise<string> {
  if (settings.DATABASE_URL) return settings.DATABASE_URL;
  const folder = join(resolve(settings.DATA_DIR), 'postgres');
  try {
    // PostgreSQL's own note of the running server; its port is the fourth line.
    const port = (await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3];
    const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
    return `postgres://${USER}:${password}@127.0.0.1:${Number(port)}/${DATABASE}`;
  } catch (error) {
    throw new ConfigurationError(
      `DATABASE_URL is not set, and no embedded system runs on ${resolve(settings.DATA_DIR)} (DATA_DIR). ` +
        'Start it, or name the database of the separate services.',
      { cause: error },
    );
  }
}
