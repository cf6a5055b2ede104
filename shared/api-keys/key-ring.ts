import { timingSafeEqual } from 'node:crypto';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { AppError } from '../errors.ts';
import { bootstrapKeyRing, type KeyRing } from '../http/api-keys.ts';
import { listenToReadModel, type ReadModelListener } from '../read-model/listen.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createKeyCache, TRUSTED_MS } from './key-cache.ts';
import { type KeyRecord, readKeys } from './key-record.ts';
import { digestOf, prefixOf } from './key-text.ts';
import { createLastUsed } from './last-used.ts';

export interface KeyRingOptions {
  /** The database with the read models. */
  url: string;
  bootstrapKey: string;
  log: Logger;
  /** How long a key may be answered from memory. Default: a second. */
  trustedMs?: number;
}

export interface OpenKeyRing extends KeyRing {
  close(): Promise<void>;
}

/**
 * The bootstrap key, which needs no database, and the keys of the read model `api_keys`. A revocation counts as soon as
 * the read model shows it: PostgreSQL's notification empties the cache. Expiry is checked at each use.
 */
export async function openKeyRing(options: KeyRingOptions): Promise<OpenKeyRing> {
  const { url, bootstrapKey, log, trustedMs = TRUSTED_MS } = options;
  await migrate(url, 'api_keys', new URL('./migrations/', import.meta.url), log);
  const bootstrap = bootstrapKeyRing(bootstrapKey);
  const pool = openPool({ url, name: 'transcodeflow api keys', max: 4, log });
  const lastUsed = createLastUsed(pool, log);
  let listener: ReadModelListener | undefined;
  const cache = createKeyCache({
    read: (prefix) => readKeys(pool, prefix),
    trusted: () => listener?.connected() ?? false,
    trustedMs,
  });
  listener = await listenToReadModel({
    url,
    log,
    onChange: (readModel) => {
      if (readModel === 'api_keys') cache.forget();
    },
    onGap: cache.forget,
  });
  const { close } = listener;

  async function find(prefix: string): Promise<KeyRecord[]> {
    try {
      return await cache.get(prefix);
    } catch (error) {
      throw new AppError('unavailable', 'API keys cannot be checked right now: try again', { cause: error });
    }
  }

  return {
    async identify(key) {
      const first = await bootstrap.identify(key);
      if (first) return first;
      const prefix = prefixOf(key);
      if (prefix === undefined) return undefined;
      const digest = digestOf(key);
      const record = (await find(prefix)).find((candidate) => timingSafeEqual(candidate.digest, digest));
      if (!record || record.revoked) return undefined;
      if (record.expiresAt !== null && record.expiresAt <= Date.now()) return undefined;
      lastUsed.note(record.identity.key_id);
      return record.identity;
    },
    async close() {
      await close();
      await lastUsed.close();
      await pool.end();
    },
  };
}
