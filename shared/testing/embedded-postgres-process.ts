import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts';
import { silentLogger } from '../telemetry/logger.ts';

/**
 * A process of its own with an embedded PostgreSQL, for tests that kill it:
 * `node embedded-postgres-process.ts <data folder> [temporary]`. Writes the URL, then lives until its standard input ends.
 */
const [dataFolder = '', temporary] = process.argv.slice(2);
process.on('SIGINT', () => {});
const { url } = await startEmbeddedPostgres({
  dataFolder,
  log: silentLogger,
  temporary: temporary !== undefined,
});
process.stdout.write(`${url}\n`);
process.stdin.resume();
