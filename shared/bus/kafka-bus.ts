import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Logger } from '../telemetry/logger.ts';
import type { Bus, SubscribeOptions, Subscription } from './bus.ts';
import { BusClosedError } from './bus-closed-error.ts';
import { KafkaSubscription } from './kafka/kafka-subscription.ts';
import { createKafkaLog } from './kafka/log-creator.ts';
import { Publisher } from './kafka/publisher.ts';
import { clientRetries } from './kafka/retries.ts';

export interface KafkaBusOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  brokers: string[];
  clientId: string;
  log: Logger;
}

const PING_TIMEOUT_MS = 5_000;

/**
 * The bus over Kafka. Topics must exist (`ensureTopics`). All members of a group subscribe to the same topics.
 * @throws when no broker can be reached (after some 5 s of trying)
 */
export const openKafkaBus = async ({ brokers, clientId, log }: KafkaBusOptions): Promise<Bus> => {
  const kafka = new Kafka({
    brokers,
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: clientRetries,
    logLevel: log.isLevelEnabled('trace') ? logLevel.DEBUG : logLevel.INFO,
    logCreator: createKafkaLog(log),
  });
  const admin = kafka.admin();
  const publisher = new Publisher(kafka);
  const subscriptions = new Set<KafkaSubscription>();
  let closed: Promise<void> | undefined;

  const closeAll = async () => {
    await Promise.all([...subscriptions].map((subscription) => subscription.close()));
    await publisher.close();
    await admin.disconnect();
  };

  const subscribe = async (options: SubscribeOptions): Promise<Subscription> => {
    if (closed !== undefined) throw new BusClosedError('The bus is closed.');
    const subscription = new KafkaSubscription({ kafka, admin, options, log });
    subscriptions.add(subscription);
    try {
      await subscription.open();
    } catch (error) {
      subscriptions.delete(subscription);
      throw error;
    }
    return subscription;
  };

  const ping = async () => {
    if (closed !== undefined) throw new BusClosedError('The bus is closed.');
    const done = new AbortController();
    const tooLate = async () => {
      await delay(PING_TIMEOUT_MS, undefined, { signal: done.signal });
      throw new Error(`No Kafka broker of ${brokers.join(', ')} answered within ${PING_TIMEOUT_MS} ms.`);
    };
    await Promise.race([admin.describeCluster(), tooLate()]).finally(() => done.abort());
  };

  try {
    await admin.connect();
    await publisher.connect();
  } catch (error) {
    await closeAll();
    throw new Error(`No Kafka broker of ${brokers.join(', ')} can be reached.`, { cause: error });
  }

  return {
    publish: (messages) => publisher.publish(messages),
    subscribe,
    ping,
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
};
