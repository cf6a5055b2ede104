import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Batch, Consumer, Kafka } from 'kafkajs';
import type { Logger } from '../../telemetry/logger.ts';
import type { SubscribeOptions, Subscription } from '../bus.ts';
import { BusClosedError } from '../bus-closed-error.ts';
import { TopicGate } from '../topic-gate.ts';
import { Assignment } from './assignment.ts';
import { consumerSettings, PARTITIONS_AT_ONCE } from './consumer-settings.ts';
import { fetchedBatch } from './fetched-batch.ts';
import { OffsetCommitter } from './offset-committer.ts';
import type { FetchControl } from './partition-feed.ts';
import type { TopicPartition } from './topic-partition.ts';

/** 1 s, 2 s, 4 s, then every 5 s: a broker that restarts is back within seconds. */
const restartDelay = (attempt: number): number => Math.min(5_000, 500 * 2 ** Math.min(attempt, 8));

export interface KafkaSubscriptionOptions {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly options: SubscribeOptions;
  readonly log: Logger;
}

/** One member of a group. A kafkajs consumer that gave up is replaced by a fresh one, for as long as it takes. */
export class KafkaSubscription implements Subscription {
  readonly #with: KafkaSubscriptionOptions;
  readonly #groupId: string;
  readonly #log: Logger;
  readonly #gate = new TopicGate();
  readonly #committer: OffsetCommitter;
  readonly #assignment: Assignment;
  readonly #live = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #consumer: Consumer | undefined;
  #restarting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: KafkaSubscriptionOptions) {
    // It may be rejected before anyone waits for it.
    this.#live.promise.catch(() => undefined);
    const { group } = options.options;
    this.#with = options;
    this.#groupId = typeof group === 'string' ? group : `${group.broadcast}.${randomUUID()}`;
    this.#log = options.log.child({ group: this.#groupId });
    this.#committer = new OffsetCommitter(async (commits) => {
      if (this.#consumer === undefined) throw new Error('The consumer is not connected.');
      await this.#consumer.commitOffsets(commits);
    }, this.#log);
    this.#assignment = new Assignment({
      options: options.options,
      groupId: this.#groupId,
      admin: options.admin,
      gate: this.#gate,
      committer: this.#committer,
      control: (of) => this.#control(of),
      log: this.#log,
    });
  }

  /**
   * Resolves once the group was joined and the offsets to start from are fixed, however long that takes (a fresh
   * broker loads its groups first). Rejects when the broker is away or does not have one of the topics.
   */
  async open(): Promise<void> {
    try {
      await this.#launch();
      await this.#live.promise;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  pause(topic: string): void {
    this.#gate.pause(topic);
  }

  resume(topic: string): void {
    this.#gate.resume(topic);
    this.#assignment.wake();
  }

  lag(): Promise<number> {
    return this.#assignment.lag();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#live.reject(new BusClosedError(`The subscription of ${this.#groupId} was closed.`));
    await this.#restarting;
    await this.#assignment.release('The subscription closes.');
    await this.#committer.close();
    await this.#disconnect();
    if (typeof this.#with.options.group === 'string') return;
    // The broker would drop the empty group by itself, only later.
    await this.#with.admin
      .deleteGroups([this.#groupId])
      .catch((error) => this.#log.debug({ err: error }, 'the group of a broadcast was not deleted'));
  }

  async #launch(): Promise<void> {
    const { kafka, options } = this.#with;
    const consumer = kafka.consumer(consumerSettings(this.#groupId));
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      this.#joined(consumer, payload.memberAssignment),
    );
    consumer.on(consumer.events.REBALANCING, () => {
      if (this.#consumer === consumer) void this.#assignment.abort('The group is rebalancing.');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#crashed(consumer, payload.error));
    await consumer.connect();
    // Only where kafkajs itself has to look for an offset, one that the broker has deleted, does this count.
    const fromBeginning = typeof options.group === 'string' && options.from !== 'latest';
    await consumer.subscribe({ topics: [...new Set(options.topics)], fromBeginning });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: ({ batch }) => this.#fetched(batch),
    });
  }

  #fetched(batch: Batch): Promise<void> {
    return this.#assignment.accept(batch, fetchedBatch(batch));
  }

  #joined(consumer: Consumer, owned: Readonly<Record<string, number[]>>): void {
    if (this.#closing.signal.aborted || this.#consumer !== consumer) return;
    const partitions = Object.entries(owned).flatMap(([topic, list]) =>
      list.map((partition) => ({ topic, partition })),
    );
    this.#assignment
      .take(partitions)
      .then((started) => {
        if (started) this.#live.resolve();
      })
      .catch((error) => {
        this.#log.error({ err: error }, 'the partitions could not be taken over');
        this.#live.reject(error);
      });
  }

  #crashed(consumer: Consumer, error: Error): void {
    if (this.#closing.signal.aborted || this.#consumer !== consumer) return;
    this.#consumer = undefined;
    this.#log.warn({ err: error }, 'the consumer gave up and starts again');
    void this.#assignment.release('The consumer lost the broker.');
    this.#restarting = this.#restart();
  }

  async #restart(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt += 1) {
      await delay(restartDelay(attempt), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#launch();
        return;
      } catch (error) {
        this.#log.warn({ err: error, attempt }, 'the broker is still away');
        await this.#disconnect();
      }
    }
  }

  async #disconnect(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    await consumer
      ?.disconnect()
      .catch((error) => this.#log.warn({ err: error }, 'the consumer did not disconnect'));
  }

  /** kafkajs refuses these while it is not running; the next assignment then starts over anyway. */
  #control({ topic, partition }: TopicPartition): FetchControl {
    const attempt = (act: (consumer: Consumer) => void) => {
      try {
        if (this.#consumer !== undefined) act(this.#consumer);
      } catch (error) {
        this.#log.debug({ err: error, topic, partition }, 'the consumer is not running');
      }
    };
    const one = [{ topic, partitions: [partition] }];
    return {
      pause: () => attempt((consumer) => consumer.pause(one)),
      resume: () => attempt((consumer) => consumer.resume(one)),
      seek: (offset) => attempt((consumer) => consumer.seek({ topic, partition, offset: String(offset) })),
    };
  }
}
