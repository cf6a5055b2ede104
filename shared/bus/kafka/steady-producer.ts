import { CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import type { OutgoingMessage } from '../bus.ts';
import { publishRetries } from './retries.ts';
import { createSteadyPartitioner } from './steady-partitioner.ts';

const BROKER_TIMEOUT_MS = 10_000;

const byTopic = (messages: readonly OutgoingMessage[]) => {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, headers, value } of messages) {
    const list = topics.get(topic) ?? [];
    list.push({ key: key ?? null, headers, value });
    topics.set(topic, list);
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
};

/**
 * An idempotent kafkajs producer, with acks=all, whose producer id lives only as long as every request succeeds
 * at once. After a request that was given up (or timed out and was retried), kafkajs may hand out a sequence
 * number that the broker has already seen: the broker would take the next, different batch for a duplicate and
 * acknowledge it without writing it. A fresh producer id makes that impossible.
 *
 * One `send` at a time: the sequence numbers of a retried request must not go to another one meanwhile.
 */
export class SteadyProducer {
  readonly #kafka: Kafka;
  #producer: Producer | undefined;
  #retried = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  async connect(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    this.#retried = false;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: publishRetries,
      createPartitioner: createSteadyPartitioner(() => {
        this.#retried = true;
      }),
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
    this.#producer = producer;
    return producer;
  }

  /** Resolves when every message is acknowledged by all in-sync replicas. */
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    const producer = await this.connect();
    try {
      await producer.sendBatch({
        acks: -1,
        timeout: BROKER_TIMEOUT_MS,
        compression: CompressionTypes.None,
        topicMessages: byTopic(messages),
      });
    } catch (error) {
      this.#retried = true;
      throw error;
    } finally {
      if (this.#retried) await this.close();
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect();
  }
}
