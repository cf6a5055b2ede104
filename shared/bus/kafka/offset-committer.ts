import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../telemetry/logger.ts';
import { retryDelay } from '../retry-delay.ts';
import { keyOf, type TopicPartition } from './topic-partition.ts';

export interface Commit extends TopicPartition {
  /** The offset of the next message wanted. */
  readonly offset: string;
}

/**
 * Commits what was taken, one request at a time; what is noted meanwhile goes along with the next one. Offsets of
 * partitions that are no longer owned are forgotten: their new owner commits them.
 */
export class OffsetCommitter {
  readonly #commit: (commits: Commit[]) => Promise<void>;
  readonly #log: Logger;
  readonly #closed = new AbortController();
  #pending = new Map<string, Commit>();
  #owned = new Set<string>();
  #flushing: Promise<void> | undefined;

  constructor(commit: (commits: Commit[]) => Promise<void>, log: Logger) {
    this.#commit = commit;
    this.#log = log;
  }

  own(partitions: readonly TopicPartition[]): void {
    this.#owned = new Set(partitions.map(keyOf));
    for (const key of this.#pending.keys()) if (!this.#owned.has(key)) this.#pending.delete(key);
  }

  note({ topic, partition }: TopicPartition, next: bigint): void {
    const key = keyOf({ topic, partition });
    if (!this.#owned.has(key)) return;
    this.#pending.set(key, { topic, partition, offset: String(next) });
    this.#flushing ??= this.#flushAll();
  }

  /** One attempt to commit everything noted so far; rejects when it fails. */
  async flush(): Promise<void> {
    const commits = [...this.#pending.values()];
    if (commits.length === 0) return;
    await this.#commit(commits);
    for (const commit of commits) {
      const key = keyOf(commit);
      if (this.#pending.get(key) === commit) this.#pending.delete(key);
    }
  }

  /** A last attempt. What it cannot commit is delivered again to the next member. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#flushing;
    await this.flush().catch((error) =>
      this.#log.warn({ err: error }, 'the last offsets were not committed'),
    );
  }

  async #flushAll(): Promise<void> {
    let failures = 0;
    while (this.#pending.size > 0 && !this.#closed.signal.aborted) {
      try {
        await this.flush();
        failures = 0;
      } catch (error) {
        failures += 1;
        // Usual in a rebalance: the partitions that stay are committed after it.
        this.#log.debug({ err: error, failures }, 'offsets were not committed yet');
        await delay(retryDelay(failures), undefined, { signal: this.#closed.signal }).catch(() => undefined);
      }
    }
    this.#flushing = undefined;
  }
}
