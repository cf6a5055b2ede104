import { LRUCache } from 'lru-cache';
import type { Cache } from './cache.ts';

const MOST_BYTES = 32 * 1024 * 1024;

/** For a single process: bounded by the size of what it holds. */
export function createMemoryCache(): Cache {
  const values = new LRUCache<string, string>({
    maxSize: MOST_BYTES,
    sizeCalculation: (value, key) => value.length + key.length + 1,
  });
  return {
    get: async (key) => values.get(key),
    set: async (key, value, ttlMs) => {
      values.set(key, value, { ttl: ttlMs });
    },
    ping: async () => {},
    close: async () => values.clear(),
  };
}
