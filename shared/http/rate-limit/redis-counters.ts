import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Logger } from '../../telemetry/logger.ts';
import { type Count, type Counters, NO_LIMIT, WINDOW_S } from './counters.ts';
import { memoryCounters } from './memory-counters.ts';

/** No call waits longer for its count. */
const COMMAND_TIMEOUT_MS = 250;
/** A Redis that failed is left alone for so long, so that one that hangs does not slow every call. */
const PAUSE_MS = 1_000;
const LONGEST_BACKOFF_MS = 2_000;

/** Counts in Redis, for all processes together; while it is away, in this process alone. */
export async function redisCounters(url: string, log: Logger): Promise<Counters> {
  const redis = new Redis(url, {
    lazyConnect: true,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** times),
  });
  // Each command's failure is handled where it is counted; without a listener ioredis would print them.
  redis.on('error', () => {});
  await redis.connect().catch(() => {});
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    rejectIfRedisNotReady: true,
    keyPrefix: 'transcodeflow:rate',
    points: NO_LIMIT,
    duration: WINDOW_S,
  });
  const insurance = memoryCounters();
  let awayUntil = 0;
  let isAway = false;

  async function inRedis(who: string): Promise<Count> {
    const { consumedPoints, msBeforeNext } = await limiter.consume(who);
    if (isAway) log.info('rate limits are counted in Redis again');
    isAway = false;
    return { used: consumedPoints, resetMs: msBeforeNext };
  }

  return {
    async count(who) {
      if (Date.now() >= awayUntil) {
        try {
          return await inRedis(who);
        } catch (error) {
          if (!isAway)
            log.warn({ err: error }, 'Redis cannot be reached; rate limits are counted in this process');
          isAway = true;
          awayUntil = Date.now() + PAUSE_MS;
        }
      }
      return insurance.count(who);
    },
    close: async () => redis.disconnect(),
  };
}
