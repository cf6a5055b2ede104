import type { IncomingMessage } from '../bus.ts';
import { BusClosedError } from '../bus-closed-error.ts';
import { LARGEST_BATCH } from '../largest-batch.ts';
import { retryDelay } from '../retry-delay.ts';
import { takenOf } from '../taken.ts';
import type { Delivery } from './delivery.ts';
import type { Member } from './member.ts';

interface Entry {
  readonly message: IncomingMessage;
  readonly delivery: Delivery;
}

interface Run {
  readonly member: Member;
  readonly abort: AbortController;
  readonly size: number;
  readonly ended: Promise<void>;
}

/**
 * What one group has yet to take of one topic: a single partition, first in first out, one batch at a time,
 * offered to the members that are not paused in turn. A rejected batch is offered again with back-off.
 */
export class GroupQueue {
  readonly #topic: string;
  readonly #entries: Entry[] = [];
  readonly #members: Member[] = [];
  #run: Run | undefined;
  #backOff: NodeJS.Timeout | undefined;
  #rejections = 0;

  constructor(topic: string) {
    this.#topic = topic;
  }

  get size(): number {
    return this.#entries.length;
  }

  get abandoned(): boolean {
    return this.#members.length === 0;
  }

  join(member: Member): void {
    this.#members.push(member);
    this.wake();
  }

  push(message: IncomingMessage, delivery: Delivery): void {
    this.#entries.push({ message, delivery });
  }

  /** Starts the next batch if there is one and a member that wants it. */
  wake(): void {
    if (this.#run !== undefined || this.#backOff !== undefined || this.#entries.length === 0) return;
    const at = this.#members.findIndex(({ gate }) => !gate.isPaused(this.#topic));
    const [member] = at < 0 ? [] : this.#members.splice(at, 1);
    if (member === undefined) return;
    this.#members.push(member);
    const abort = new AbortController();
    const batch = this.#entries.slice(0, LARGEST_BATCH);
    this.#run = { member, abort, size: batch.length, ended: this.#offer(batch, member, abort.signal) };
  }

  /**
   * Aborts the member's batch and waits for it. When it was the last member, what it did not take is refused,
   * or counts as taken where nobody else will ever want it (`forget`).
   */
  async leave(member: Member, forget: boolean): Promise<void> {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
    const run = this.#run?.member === member ? this.#run : undefined;
    run?.abort.abort(new BusClosedError(`The subscription to ${this.#topic} closes.`));
    await run?.ended;
    if (this.abandoned) this.#release(forget);
  }

  /** Refuses what no handler has yet, so that a handler which waits for such a publish can end. */
  refuseWaiting(): void {
    this.#refuse(this.#entries.splice(this.#run?.size ?? 0));
  }

  async #offer(batch: readonly Entry[], member: Member, signal: AbortSignal): Promise<void> {
    // The publisher's own call returns first.
    await Promise.resolve();
    const messages = batch.map(({ message }) => message);
    const pauseUnlessResumed = member.gate.watch(this.#topic);
    try {
      const answer = await member.handler({ topic: this.#topic, partition: 0, messages, signal });
      const taken = takenOf(answer, batch.length);
      if (taken < batch.length) pauseUnlessResumed();
      this.#rejections = 0;
      for (const { delivery } of this.#entries.splice(0, taken)) delivery.taken();
    } catch (error) {
      if (!signal.aborted) this.#retryLater(member, error);
    }
    this.#run = undefined;
    this.wake();
  }

  #retryLater(member: Member, error: unknown): void {
    this.#rejections += 1;
    const delay = retryDelay(this.#rejections);
    member.log.error(
      { err: error, topic: this.#topic, attempt: this.#rejections, retry_in_ms: delay },
      'a batch was rejected and will be offered again',
    );
    this.#backOff = setTimeout(() => {
      this.#backOff = undefined;
      this.wake();
    }, delay);
  }

  #release(forget: boolean): void {
    clearTimeout(this.#backOff);
    this.#backOff = undefined;
    const rest = this.#entries.splice(0);
    if (forget) for (const { delivery } of rest) delivery.taken();
    else this.#refuse(rest);
  }

  #refuse(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const error = new BusClosedError(
      `The last subscriber of ${this.#topic} closed before it took every message: publish them again.`,
    );
    for (const { delivery } of entries) delivery.refused(error);
  }
}
