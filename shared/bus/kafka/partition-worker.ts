import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../telemetry/logger.ts';
import type { BatchHandler, IncomingMessage } from '../bus.ts';
import { LARGEST_BATCH } from '../largest-batch.ts';
import { retryDelay } from '../retry-delay.ts';
import { takenOf } from '../taken.ts';
import type { TopicGate } from '../topic-gate.ts';
import type { PartitionFeed } from './partition-feed.ts';
import type { TopicPartition } from './topic-partition.ts';

export interface PartitionWorkerOptions {
  readonly of: TopicPartition;
  readonly handler: BatchHandler;
  readonly gate: TopicGate;
  readonly feed: PartitionFeed;
  readonly log: Logger;
  /** The offset after the last message that was taken. */
  readonly onTaken: (next: bigint) => void;
}

/**
 * Hands one partition's messages to the handler, one batch at a time, for as long as the partition is owned.
 * It runs beside kafkajs's fetch loop, never inside it: a slow, retried or paused handler then neither holds up
 * the other partitions nor the heartbeats, and a rebalance does not wait for it.
 */
export class PartitionWorker {
  readonly of: TopicPartition;
  readonly feed: PartitionFeed;
  readonly #options: PartitionWorkerOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #next: bigint | undefined;

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.of = options.of;
    this.feed = options.feed;
    this.feed.onMessages = () => this.wake();
  }

  /** The offset of the first message not yet taken; undefined before `start`. */
  get next(): bigint | undefined {
    return this.#next;
  }

  get stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  start(offset: bigint): void {
    if (this.stopped) return;
    this.#next = offset;
    this.feed.start(offset);
  }

  wake(): void {
    if (this.#running !== undefined || !this.#hasWork()) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      this.wake();
    });
  }

  /** Aborts the running batch and resolves when its handler has ended. */
  async stop(reason: Error): Promise<void> {
    this.#abort.abort(reason);
    this.feed.stop();
    await this.#running;
  }

  #hasWork(): boolean {
    return !this.stopped && this.feed.length > 0 && !this.#options.gate.isPaused(this.of.topic);
  }

  async #run(): Promise<void> {
    let rejections = 0;
    while (this.#hasWork()) {
      try {
        await this.#offer(this.feed.peek(LARGEST_BATCH));
        rejections = 0;
      } catch (error) {
        if (this.stopped) return;
        rejections += 1;
        await this.#backOff(error, rejections);
      }
    }
  }

  async #offer(messages: IncomingMessage[]): Promise<void> {
    const { gate, handler, onTaken } = this.#options;
    const pauseUnlessResumed = gate.watch(this.of.topic);
    const answer = await handler({ ...this.of, messages, signal: this.#abort.signal });
    const taken = takenOf(answer, messages.length);
    const last = messages[taken - 1];
    if (last !== undefined) {
      this.#next = last.offset + 1n;
      onTaken(this.#next);
      this.feed.drop(taken);
    }
    if (taken < messages.length) pauseUnlessResumed();
  }

  async #backOff(error: unknown, attempt: number): Promise<void> {
    const milliseconds = retryDelay(attempt);
    this.#options.log.error(
      { err: error, ...this.of, offset: String(this.#next), attempt, retry_in_ms: milliseconds },
      'a batch was rejected and will be offered again',
    );
    await delay(milliseconds, undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }
}
