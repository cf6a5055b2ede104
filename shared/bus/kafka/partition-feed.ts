import type { IncomingMessage } from '../bus.ts';

/** A partition is fetched ahead of its handler up to this many bytes, then paused. */
const HIGH_WATER_BYTES = 1_048_576;
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;
/**
 * How long kafkajs's fetch loop waits for a quick handler to make room before the partition is paused. Pausing
 * costs up to `maxWaitTimeInMs` (kafkajs notices a resumed partition at its next fetch), waiting costs nothing.
 */
const ROOM_WAIT_MS = 200;

/** The fetch loop's switches for one partition. They do nothing while the consumer is not running. */
export interface FetchControl {
  pause(): void;
  resume(): void;
  seek(offset: bigint): void;
}

export interface FetchedBatch {
  /** The offset that was asked for: everything from it up to `last` is in `messages`, apart from deleted ones. */
  readonly from: bigint;
  readonly last: bigint;
  readonly messages: readonly IncomingMessage[];
}

/**
 * The fetched but not yet taken messages of one partition, without a gap or a repetition: each begins where the
 * one before ended, whatever kafkajs delivers around a rebalance or a seek.
 */
export class PartitionFeed {
  onMessages: () => void = () => undefined;
  readonly #control: FetchControl;
  #buffer: IncomingMessage[] = [];
  #bytes = 0;
  #nextFetch: bigint | undefined;
  #soughtAt: bigint | undefined;
  #paused = false;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(control: FetchControl) {
    this.#control = control;
  }

  get length(): number {
    return this.#buffer.length;
  }

  /** Nothing is accepted before the offset to start from is known. */
  start(offset: bigint): void {
    this.#nextFetch = offset;
    this.#control.seek(offset);
    // Whoever owned the partition before may have left it paused.
    this.#paused = false;
    this.#control.resume();
  }

  stop(): void {
    this.#nextFetch = undefined;
    this.#buffer = [];
    this.#bytes = 0;
    this.#room?.resolve();
  }

  peek(count: number): IncomingMessage[] {
    return this.#buffer.slice(0, count);
  }

  drop(count: number): void {
    for (const message of this.#buffer.splice(0, count)) this.#bytes -= message.value.byteLength;
    if (this.#bytes > LOW_WATER_BYTES) return;
    this.#room?.resolve();
    this.#unpause();
  }

  /** Resolves when the fetch loop may go on. */
  async accept(batch: FetchedBatch): Promise<void> {
    if (this.#nextFetch === undefined) return this.#pause();
    if (batch.from > this.#nextFetch && this.#soughtAt !== this.#nextFetch) {
      // Fetched for an assignment that is over. What is missing is asked for once; if it is not there then either,
      // the broker has deleted it.
      this.#soughtAt = this.#nextFetch;
      this.#control.seek(this.#nextFetch);
      return;
    }
    this.#append(batch, this.#nextFetch);
    if (this.#bytes < HIGH_WATER_BYTES) return;
    await this.#waitForRoom();
    if (this.#bytes >= HIGH_WATER_BYTES) this.#pause();
  }

  #append({ messages, last }: FetchedBatch, nextFetch: bigint): void {
    for (const message of messages) {
      if (message.offset < nextFetch) continue;
      this.#buffer.push(message);
      this.#bytes += message.value.byteLength;
    }
    if (last >= nextFetch) this.#nextFetch = last + 1n;
    this.onMessages();
  }

  async #waitForRoom(): Promise<void> {
    const room = Promise.withResolvers<void>();
    this.#room = room;
    const timer = setTimeout(room.resolve, ROOM_WAIT_MS);
    await room.promise;
    clearTimeout(timer);
    this.#room = undefined;
  }

  #pause(): void {
    this.#paused = true;
    this.#control.pause();
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#control.resume();
  }
}
