/** What a cache holds for a key: a value as of a revision, or only that anything older is outdated. */
export interface Cached {
  revision: number;
  value?: string;
}

/**
 * Values by key and revision, for a limited time. What is older never replaces what is newer, so a reader that was
 * slow cannot bring an outdated value back. A cache that is away is slow, never wrong: its errors count as misses.
 */
export interface Cache {
  get(key: string): Promise<Cached | undefined>;
  /** Keeps the value unless something newer is there. Without a value: anything older than the revision is outdated. */
  set(key: string, cached: Cached, ttlMs: number): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
