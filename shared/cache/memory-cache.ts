import { LRUCache } from 'lru-cache';
import type { Cache, Cached } from './cache.ts';

const MOST_BYTES = 32 * 1024 * 1024;

/** For a single process: bounded by the size of what it holds; what has expired leaves it, asked for or not. */
export function createMemoryCache(): Cache {
  const entries = new LRUCache<string, Cached>({
    maxSize: MOST_BYTES,
    ttlAutopurge: true,
    sizeCalculation: ({ value = '' }, key) => value.length + key.length + 16,
  });
  return {
    get: async (key) => entries.get(key),
    set: async (key, cached, ttlMs) => {
      if ((entries.get(key)?.revision ?? 0) <= cached.revision) entries.set(key, cached, { ttl: ttlMs });
    },
    ping: async () => {},
    close: async () => entries.clear(),
  };
}
