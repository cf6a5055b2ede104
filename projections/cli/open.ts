import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import {
  databaseSettings,
  dataFolderSettings,
  eventStoreDbSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { findDatabase } from '@transcodeflow/shared/database/embedded/find-database.ts';
import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { InvalidArgumentError } from 'commander';
import type { Projection } from '../projector/projection.ts';
import { openEventSource } from '../rebuild/open-event-source.ts';
import { projections } from '../start.ts';

/**
 * The read models of `DATABASE_URL`, else of the embedded system on `DATA_DIR`, and the event store there or the one of
 * `EVENTSTOREDB_URL`.
 * @throws {ConfigurationError}
 */
export async function openForCommand() {
  const settings = readEnvironment(
    dataFolderSettings.extend(databaseSettings.partial().shape).extend(eventStoreDbSettings.shape),
  );
  const { EVENTSTOREDB_URL } = settings;
  const url = await findDatabase(settings);
  const log = createLogger('projections', 'warn');
  await migrate(url, 'read_model', new URL('../projector/migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow projections command', max: 3, log });
  const source = await openEventSource(pool, url, EVENTSTOREDB_URL, log);
  if (!source) {
    await pool.end();
    throw new Error('The database of DATABASE_URL holds no event store: name the one of the command service');
  }
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort(new Error('Interrupted: the live tables are as they were')));
  process.once('SIGTERM', () => stopped.abort(new Error('Terminated: the live tables are as they were')));
  return {
    pool,
    source,
    log,
    signal: stopped.signal,
    async close() {
      await pool.end();
      await source.close();
    },
  };
}

/** @throws {InvalidArgumentError} */
export function chosen(name: string): readonly Projection[] {
  const found = projections.filter((projection) => projection.name === name);
  if (found.length === 0)
    throw new InvalidArgumentError(`The read models are ${projections.map((each) => each.name).join(', ')}.`);
  return found;
}
