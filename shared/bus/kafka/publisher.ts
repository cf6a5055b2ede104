// Its error classes are out of reach of named imports from an ES module.
import kafkajs, { type Kafka } from 'kafkajs';
import type { OutgoingMessage } from '../bus.ts';
import { BusClosedError } from '../bus-closed-error.ts';
import { chunksOf } from './chunks.ts';
import { SteadyProducer } from './steady-producer.ts';

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly done: PromiseWithResolvers<void>;
}

/** Publishes that wait while a request is under way go out together in the next one, in order. */
const MOST_TOGETHER = 500;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Publisher {
  readonly #producer: SteadyProducer;
  readonly #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#producer = new SteadyProducer(kafka);
  }

  async connect(): Promise<void> {
    await this.#producer.connect();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#closed) throw new BusClosedError('The bus is closed.');
    if (messages.length === 0) return;
    const waiting = { messages, done: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    this.#draining ??= this.#drain();
    await waiting.done.promise;
  }

  /** Sends what is waiting, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#producer.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#nextTogether();
      try {
        await this.#send(together.flatMap(({ messages }) => messages));
        for (const { done } of together) done.resolve();
      } catch (error) {
        // Without a broker none of them can go; otherwise one message (too large, say) must not take the rest along.
        if (together.length === 1 || error instanceof kafkajs.KafkaJSNumberOfRetriesExceeded)
          this.#refuse(together, error);
        else await this.#sendApart(together);
      }
    }
    this.#draining = undefined;
  }

  #nextTogether(): Waiting[] {
    let count = 0;
    const fitting = this.#waiting.findIndex(({ messages }) => {
      count += messages.length;
      return count > MOST_TOGETHER;
    });
    return this.#waiting.splice(0, fitting < 0 ? this.#waiting.length : Math.max(1, fitting));
  }

  async #sendApart(together: readonly Waiting[]): Promise<void> {
    for (const waiting of together) {
      try {
        await this.#send(waiting.messages);
        waiting.done.resolve();
      } catch (error) {
        this.#refuse([waiting], error);
      }
    }
  }

  async #send(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const chunk of chunksOf(messages)) await this.#producer.send(chunk);
  }

  #refuse(together: readonly Waiting[], error: unknown): void {
    for (const { messages, done } of together) {
      const topics = [...new Set(messages.map(({ topic }) => topic))].join(', ');
      done.reject(
        new Error(`${messages.length} message(s) to ${topics} were not published: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    }
  }
}
