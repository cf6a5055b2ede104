import { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.ts';
import type { Cache, Cached } from './cache.ts';

const PREFIX = 'transcodeflow:';
/** A cache that answers slower than the database is of no use. */
const COMMAND_TIMEOUT_MS = 250;
const LONGEST_BACKOFF_MS = 2_000;

/** Values are kept as `<revision>:<value>`; comparing and setting are one step in Redis. */
const SET_UNLESS_OLDER = `
local held = redis.call('get', KEYS[1])
local revision = held and tonumber(string.match(held, '^(%d+):'))
if revision and revision > tonumber(ARGV[1]) then return 0 end
redis.call('set', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1`;

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
        (text) => (text === null ? undefined : parse(text)),
        () => undefined,
      ),
    set: async (key, { revision, value = '' }, ttlMs) => {
      await redis.eval(SET_UNLESS_OLDER, 1, key, revision, value, ttlMs).catch(() => {});
    },
    async ping() {
      await redis.ping();
    },
    close: async () => redis.disconnect(),
  };
}

function parse(text: string): Cached {
  const colon = text.indexOf(':');
  const value = text.slice(colon + 1);
  return { revision: Number(text.slice(0, colon)), ...(value ? { value } : {}) };
}
