import pg from 'pg';
import type { Logger } from '../telemetry/logger.ts';

export interface PoolOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** Connections at most. Default 10. */
  max?: number;
  log: Logger;
}

/** A pool that survives the server's restarts: an idle connection's error is logged, not thrown. */
export function openPool({ url, name, max = 10, log }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    keepAlive: true,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'lost an idle database connection'));
  // The pool listens to idle connections only: one that is lost between two queries of a transaction would end the
  // process. Its next query fails instead.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'lost a database connection')),
  );
  return pool;
}
