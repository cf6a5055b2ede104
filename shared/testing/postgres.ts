import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts';
import { silentLogger } from '../telemetry/logger.ts';

/** What is needed of ava's `t`. */
interface TearsDown {
  teardown(release: () => Promise<void>): void;
}

let administratorUrl: Promise<string> | undefined;

/**
 * A connection URL to a database of its own, empty, dropped at the test's end (with the connections it still
 * has). It lives in the server of `TEST_DATABASE_URL` (its user must be allowed to create databases) or else in one
 * embedded PostgreSQL per test process, which ends with the process. Its owner may do everything.
 */
export async function testDatabase(t: TearsDown): Promise<string> {
  administratorUrl ??= process.env.TEST_DATABASE_URL
    ? Promise.resolve(process.env.TEST_DATABASE_URL)
    : startTemporary();
  const server = await administratorUrl;
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  t.teardown(() => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function startTemporary(): Promise<string> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'transcodeflow-postgres-'));
  const { url } = await startEmbeddedPostgres({ dataFolder, log: silentLogger, temporary: true });
  return url;
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
