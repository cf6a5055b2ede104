import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Logger } from '../../telemetry/logger.ts';
import type { SubscribeOptions } from '../bus.ts';
import { retryDelay } from '../retry-delay.ts';
import type { TopicGate } from '../topic-gate.ts';
import type { OffsetCommitter } from './offset-committer.ts';
import { type FetchControl, type FetchedBatch, PartitionFeed } from './partition-feed.ts';
import { PartitionWorker } from './partition-worker.ts';
import { committedOffsets, logRanges } from './start-offsets.ts';
import { startPosition } from './start-position.ts';
import { keyOf, type TopicPartition } from './topic-partition.ts';

export interface AssignmentOptions {
  readonly options: SubscribeOptions;
  readonly groupId: string;
  readonly admin: Admin;
  readonly gate: TopicGate;
  readonly committer: OffsetCommitter;
  readonly control: (of: TopicPartition) => FetchControl;
  readonly log: Logger;
}

/** The partitions one subscription owns, each with its worker. */
export class Assignment {
  readonly #with: AssignmentOptions;
  readonly #commits: boolean;
  readonly #reached = new Map<string, bigint>();
  #workers: ReadonlyMap<string, PartitionWorker> = new Map();
  /** Resolves when no handler of an assignment that is over runs any more. */
  #over: Promise<unknown> = Promise.resolve();
  #held = false;
  #first = true;

  constructor(options: AssignmentOptions) {
    this.#with = options;
    this.#commits = typeof options.options.group === 'string' && options.options.position === undefined;
  }

  /**
   * Takes over the partitions of a new generation of the group. Those that were owned before start over from their
   * offsets too: another member may have owned them in between.
   * @returns true once every partition's first offset is fixed, false if the assignment was over before
   */
  async take(partitions: readonly TopicPartition[]): Promise<boolean> {
    void this.abort('The group was rebalanced.');
    const workers = new Map(partitions.map((of) => [keyOf(of), this.#worker(of)]));
    this.#workers = workers;
    this.#held = true;
    this.#with.committer.own(this.#commits ? partitions : []);
    this.#with.options.onAssigned?.([...partitions]);
    await this.#over;
    for (let attempt = 1; this.#workers === workers; attempt += 1) {
      try {
        await this.#start([...workers.values()]);
        this.#first = false;
        return this.#workers === workers;
      } catch (error) {
        this.#with.log.error({ err: error, attempt }, 'the offsets to start from are not known yet');
        await delay(retryDelay(attempt));
      }
    }
    return false;
  }

  /** Tells the running handlers to stop; resolves when they have. */
  async abort(why: string): Promise<void> {
    const stopping = [...this.#workers.values()].map((worker) => worker.stop(new Error(why)));
    this.#over = Promise.all([this.#over, ...stopping]);
    await this.#over;
  }

  /** As `abort`, and owns nothing from now on. */
  async release(why: string): Promise<void> {
    const aborted = this.abort(why);
    this.#workers = new Map();
    this.#held = false;
    await aborted;
  }

  async accept(of: TopicPartition, batch: FetchedBatch): Promise<void> {
    await this.#workers.get(keyOf(of))?.feed.accept(batch);
  }

  wake(): void {
    for (const worker of this.#workers.values()) worker.wake();
  }

  async lag(): Promise<number> {
    if (!this.#held)
      throw new Error(
        `The subscription of ${this.#with.groupId} has no connection to its group: its lag is unknown.`,
      );
    const workers = [...this.#workers];
    const ranges = await logRanges(
      this.#with.admin,
      workers.map(([, { of }]) => of.topic),
    );
    const behind = workers.map(([key, worker]) => {
      const range = ranges.get(key);
      return range === undefined ? 0 : Math.max(0, Number(range.high - (worker.next ?? range.low)));
    });
    return behind.reduce((sum, count) => sum + count, 0);
  }

  #worker(of: TopicPartition): PartitionWorker {
    const { options, gate, log, control, committer } = this.#with;
    return new PartitionWorker({
      of,
      gate,
      log,
      handler: options.handler,
      feed: new PartitionFeed(control(of)),
      onTaken: (next) => {
        this.#reached.set(keyOf(of), next);
        if (this.#commits) committer.note(of, next);
      },
    });
  }

  async #start(workers: readonly PartitionWorker[]): Promise<void> {
    const { admin, committer, groupId, options } = this.#with;
    const partitions = workers.map(({ of }) => of);
    await committer.flush();
    const [ranges, committed] = await Promise.all([
      logRanges(
        admin,
        partitions.map(({ topic }) => topic),
      ),
      this.#commits ? committedOffsets(admin, groupId, partitions) : new Map<string, bigint>(),
    ]);
    const first = this.#first;
    const starts = workers.map(async (worker) => {
      if (worker.next !== undefined) return;
      const key = keyOf(worker.of);
      const log = ranges.get(key);
      if (log === undefined) throw new Error(`The broker did not say which offsets ${key} has.`);
      const reached = this.#reached.get(key);
      const offset = await startPosition({
        options,
        of: worker.of,
        log,
        reached,
        committed: committed.get(key),
        first,
      });
      if (reached === undefined) this.#reached.set(key, offset);
      // Fixed for whoever comes next: what is published before the first commit must not be passed over.
      if (this.#commits && committed.get(key) === undefined) committer.note(worker.of, offset);
      worker.start(offset);
    });
    await Promise.all(starts);
  }
}
