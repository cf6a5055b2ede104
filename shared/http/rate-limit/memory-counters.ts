import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Counters, NO_LIMIT, WINDOW_S } from './counters.ts';

/** Counts in this process alone. */
export function memoryCounters(): Counters {
  const limiter = new RateLimiterMemory({ points: NO_LIMIT, duration: WINDOW_S });
  return {
    async count(who) {
      const { consumedPoints, msBeforeNext } = await limiter.consume(who);
      return { used: consumedPoints, resetMs: msBeforeNext };
    },
    close: async () => {},
  };
}
