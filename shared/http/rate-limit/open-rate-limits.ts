import type { z } from 'zod';
import type { rateLimitSettings } from '../../config/settings.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { memoryCounters } from './memory-counters.ts';
import { type RateLimits, rateLimits } from './rate-limits.ts';
import { redisCounters } from './redis-counters.ts';

/** The limits of the `RATE_LIMIT_*` settings, counted in Redis where there is one. */
export async function openRateLimits(
  settings: z.infer<typeof rateLimitSettings>,
  redisUrl: string | undefined,
  log: Logger,
): Promise<RateLimits & { close(): Promise<void> }> {
  const counters = redisUrl ? await redisCounters(redisUrl, log) : memoryCounters();
  return {
    ...rateLimits(counters, {
      perKey: settings.RATE_LIMIT_PER_MINUTE,
      perAddress: settings.RATE_LIMIT_PER_ADDRESS,
      failedKeys: settings.RATE_LIMIT_FAILED_KEYS,
      playback: settings.RATE_LIMIT_PLAYBACK,
    }),
    close: () => counters.close(),
  };
}
