import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { Logger } from '../telemetry/logger.ts';

/**
 * Brings one service's schema up to date: runs the numbered, forward-only SQL files that it has not run yet, each in
 * a transaction, behind an advisory lock so that services that start together do not collide.
 * @param folder URL of a folder of `<number>_<name>.sql` files
 */
export async function migrate(url: string, schema: string, folder: URL, log: Logger): Promise<void> {
  const dbClient = new pg.Client({ connectionString: url, application_name: `migrate ${schema}` });
  await dbClient.connect();
  try {
    // Taken by hand: the runner's own lock fails at once where another holds it, instead of waiting.
    await dbClient.query(`select pg_advisory_lock(hashtext('transcodeflow migrate ' || $1))`, [schema]);
    await runner({
      dbClient,
      dir: fileURLToPath(folder),
      direction: 'up',
      count: Number.POSITIVE_INFINITY,
      schema,
      createSchema: true,
      migrationsSchema: schema,
      migrationsTable: 'migration',
      noLock: true,
      logger: {
        debug: () => {},
        info: (message) => log.debug(message),
        warn: (message) => log.warn(message),
        error: (message) => log.error(message),
      },
    });
  } finally {
    await dbClient.end();
  }
}
