import { LRUCache } from 'lru-cache';
import type { KeyRecord } from './key-record.ts';

const MOST_PREFIXES = 10_000;
/**
 * How long a key is answered from memory, by default. A change is heard of within milliseconds and empties the cache; this
 * bounds what a connection costs that is dead without anybody having noticed: also then a revoked key is refused after
 * a second.
 */
export const TRUSTED_MS = 1_000;

export interface KeyCacheOptions {
  read(prefix: string): Promise<KeyRecord[]>;
  /** Whether changes are heard of right now; while not, nothing is answered from memory. */
  trusted(): boolean;
  /** How long what was read is answered from memory. */
  trustedMs: number;
}

/**
 * Keys by prefix. Prefixes without a key are not remembered, so that whoever makes keys up fills no memory and pushes
 * nobody's key out; lookups of the same prefix that are under way share one query.
 */
export function createKeyCache({ read, trusted, trustedMs }: KeyCacheOptions) {
  const known = new LRUCache<string, KeyRecord[]>({ max: MOST_PREFIXES, ttl: trustedMs });
  const underWay = new Map<string, Promise<KeyRecord[]>>();
  let changes = 0;

  async function readAndKeep(prefix: string): Promise<KeyRecord[]> {
    const before = changes;
    const found = await read(prefix);
    // What was read before a change that has been heard of meanwhile may be older than it.
    if (found.length > 0 && before === changes) known.set(prefix, found);
    return found;
  }

  return {
    async get(prefix: string): Promise<KeyRecord[]> {
      const cached = trusted() ? known.get(prefix) : undefined;
      if (cached) return cached;
      const shared = underWay.get(prefix);
      if (shared) return shared;
      const reading = readAndKeep(prefix).finally(() => {
        if (underWay.get(prefix) === reading) underWay.delete(prefix);
      });
      underWay.set(prefix, reading);
      return reading;
    },
    /** A key changed, or may have. */
    forget(): void {
      changes += 1;
      known.clear();
      underWay.clear();
    },
  };
}
