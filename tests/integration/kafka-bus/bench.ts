import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { ExecutionContext, TestFn } from 'ava';
import { type KafkaBroker, startKafka } from '../../systems/kafka-broker.ts';

export const log = createLogger('kafka-bus.test', process.env.LOG_LEVEL ?? 'fatal');

export interface KafkaBench {
  /** Started by the time that tests run. */
  broker(): KafkaBroker;
  /** A topic nobody used before. */
  newTopic(partitions: number): Promise<string>;
  openBus(): Promise<Bus>;
  /** Closed when the test ends. */
  open(t: ExecutionContext): Promise<Bus>;
}

/** A broker for every test of the process: starting one takes longer than most of them. */
export function kafkaBench(test: TestFn): KafkaBench {
  let kafka: KafkaBroker | undefined;
  test.before(async () => {
    kafka = await startKafka();
  });
  test.after.always(async () => {
    await kafka?.stop();
  });
  const broker = () => {
    if (!kafka) throw new Error('The broker has not started');
    return kafka;
  };
  let topics = 0;
  const openBus = () => openKafkaBus({ brokers: broker().brokers, clientId: 'test', log });
  return {
    broker,
    openBus,
    async newTopic(partitions) {
      const topic = `topic-${++topics}`;
      await ensureTopics({ brokers: broker().brokers, settings: [{ topic, partitions, config: {} }], log });
      return topic;
    },
    async open(t) {
      const bus = await openBus();
      t.teardown(() => bus.close());
      return bus;
    },
  };
}
