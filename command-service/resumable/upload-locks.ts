import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Lock, Locker, RequestRelease } from '@tus/server';
import pg from 'pg';

const CHANNEL = 'transcodeflow_upload_lock';
const POLL_MS = 100;
/** How long a request waits for another one to leave the upload. */
const LONGEST_WAIT_MS = 15_000;

interface Held {
  /** The session that holds the lock; none while it is being taken. */
  session?: pg.Client;
  requestRelease: RequestRelease;
}

/**
 * One request at a time on an upload, over all instances: advisory locks of one database session per instance, which
 * end with it (kill -9 frees them). Whoever wants a lock asks its holder to leave, also across instances, because a
 * holder may be a half-open connection. A lost session asks every holder to leave at once.
 */
export class UploadLocks implements Locker {
  readonly #url: string;
  readonly #log: Logger;
  readonly #held = new Map<string, Held>();
  #session: Promise<pg.Client> | undefined;
  #client: pg.Client | undefined;
  #isClosed = false;

  constructor(url: string, log: Logger) {
    this.#url = url;
    this.#log = log;
  }

  newLock(name: string): Lock {
    return {
      lock: (signal, requestRelease) => this.#lock(name, signal, requestRelease),
      unlock: () => this.#unlock(name),
    };
  }

  /** Runs `work` under the lock. @throws {AppError} upload_locked */
  async hold<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#lock(name, signal, () => {});
    try {
      return await work();
    } finally {
      await this.#unlock(name);
    }
  }

  /** Runs `work` under the lock, or not at all where somebody holds it. */
  async holdIfFree(name: string, work: () => Promise<void>): Promise<void> {
    if (!(await this.#tryLock(name, () => {}))) return;
    try {
      await work();
    } finally {
      await this.#unlock(name);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const session = await this.#session?.catch(() => undefined);
    await session?.end().catch(() => {});
  }

  async #lock(name: string, signal: AbortSignal, requestRelease: RequestRelease): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (!(await this.#tryLock(name, requestRelease))) {
      if (Date.now() > deadline || signal.aborted)
        throw new AppError('upload_locked', 'Another request is working on this upload; try again later');
      await this.#askToLeave(name);
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #tryLock(name: string, requestRelease: RequestRelease): Promise<boolean> {
    // Within one session the database would grant it twice.
    if (this.#held.has(name)) return false;
    const held: Held = { requestRelease };
    this.#held.set(name, held);
    try {
      const session = await this.#open();
      const { rows } = await session.query<{ taken: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [name],
      );
      if (rows[0]?.taken) {
        held.session = session;
        return true;
      }
    } catch (error) {
      this.#held.delete(name);
      throw error;
    }
    this.#held.delete(name);
    return false;
  }

  async #unlock(name: string): Promise<void> {
    const held = this.#held.get(name);
    try {
      if (held?.session && held.session === this.#client)
        await held.session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
    } catch (error) {
      this.#log.debug({ err: error }, 'an upload lock went with its session');
    } finally {
      this.#held.delete(name);
    }
  }

  async #askToLeave(name: string): Promise<void> {
    const local = this.#held.get(name);
    if (local) return void (await local.requestRelease());
    await (await this.#open()).query('select pg_notify($1, $2)', [CHANNEL, name]);
  }

  #open(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error('The upload locks are closed'));
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'transcodeflow upload locks',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    });
    this.#client = client;
    const lose = (error?: Error) => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#session = undefined;
      if (this.#isClosed) return;
      this.#log.warn({ err: error }, 'lost the database session of the upload locks');
      for (const { session, requestRelease } of this.#held.values())
        if (session === client) void requestRelease();
    };
    client.on('error', lose).on('end', () => lose());
    client.on('notification', ({ payload = '' }) => void this.#held.get(payload)?.requestRelease());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      return client;
    } catch (error) {
      this.#client = undefined;
      this.#session = undefined;
      await client.end().catch(() => {});
      throw error;
    }
  }
}
