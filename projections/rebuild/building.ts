import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool, PoolClient } from 'pg';

const ASK_AGAIN_MS = 250;

/**
 * Works on a read model's new tables, alone: a second build of the same one waits. Everything is done on the
 * connection that holds the lock, so that a build which lost it (its process or the server was killed) cannot go on.
 */
export async function building<T>(
  pool: Pool,
  name: string,
  { log, signal }: { log: Logger; signal?: AbortSignal },
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const key = `transcodeflow build of ${name}`;
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    for (let told = false; !(await tryLock(client, key)); told = true) {
      if (!told) log.info({ projection: name }, 'waiting for another rebuild of the same read model');
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
    try {
      return await work(client);
    } finally {
      await client.query('select pg_advisory_unlock(hashtext($1))', [key]).catch(() => {});
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // After a failure the connection is ended: with it go its lock and whatever was open on it.
    client.release(broken);
  }
}

async function tryLock(client: PoolClient, key: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'select pg_try_advisory_lock(hashtext($1)) as locked',
    [key],
  );
  return rows[0]?.locked ?? false;
}
