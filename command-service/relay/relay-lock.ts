import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Any fixed number: whoever holds this advisory lock is the active relay. */
const RELAY_LOCK = 7_250_417;
const STANDBY_POLL_MS = 500;

export interface RelayLock {
  client: pg.Client;
  /** Aborted when the connection, and the lock with it, is gone. */
  lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Elects one of all the relays on a database: an advisory lock goes with the connection of a process that dies, and a
 * standby takes over within a second. `undefined`: aborted while waiting.
 */
export async function takeRelayLock(url: string, signal: AbortSignal): Promise<RelayLock | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'transcodeflow relay',
    keepAlive: true,
  });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('The relay lost its database connection')));
  const release = () => client.end().catch(() => {});
  try {
    await client.connect();
    // Removals from the outbox need not be durable: one that is lost with the database is a message published twice.
    // Saves a flush to disk per publish.
    await client.query('set synchronous_commit to off');
    if (await acquire(client, signal)) return { client, lost: lost.signal, release };
  } catch (error) {
    await release();
    throw error;
  }
  await release();
  return undefined;
}

async function acquire(client: pg.Client, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      RELAY_LOCK,
    ]);
    if (rows[0]?.locked) return true;
    await sleep(STANDBY_POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
