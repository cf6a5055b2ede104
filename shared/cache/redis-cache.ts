import { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.ts';
import type { Cache } from './cache.ts';

const PREFIX = 'transcodeflow:';
/** A cache that answers slower than the database is of no use. */
const COMMAND_TIMEOUT_MS = 250;
const LONGEST_BACKOFF_MS = 2_000;

/**
 * Redis as a cache. While it cannot be reached every read is a miss at once, nothing queues up, and it is used again
 * as soon as it is back.
 */
export async function openRedisCache(url: string, log: Logger): Promise<Cache> {
  const redis = new Redis(url, {
    lazyConnect: true,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** times),
    keyPrefix: PREFIX,
  });
  let reported = false;
  redis.on('error', (error: Error) => {
    if (!reported) log.warn({ err: error }, 'Redis cannot be reached; reads go to the database');
    reported = true;
  });
  redis.on('ready', () => {
    if (reported) log.info('Redis is back');
    reported = false;
  });
  await redis.connect().catch(() => {});
  return {
    get: (key) =>
      redis.get(key).then(
        (value) => value ?? undefined,
        () => undefined,
      ),
    set: async (key, value, ttlMs) => {
      await redis.set(key, value, 'PX', ttlMs).catch(() => {});
    },
    async ping() {
      await redis.ping();
    },
    close: async () => redis.disconnect(),
  };
}
