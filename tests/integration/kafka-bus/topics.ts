import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import type { TopicSettings } from '@transcodeflow/shared/contracts/topics.ts';
import { collect, newGroup, outgoing } from '@transcodeflow/shared/testing/bus/messages.ts';
import type { TestFn } from 'ava';
import { type KafkaBench, log } from './bench.ts';

/** Topics are made when they are missing, and asked for by name. */
export function testTopics(test: TestFn, { broker, newTopic, open }: KafkaBench): void {
  test('ensureTopics creates what is missing and changes nothing else', async (t) => {
    const settings: TopicSettings[] = [
      { topic: `ensured-${process.pid}`, partitions: 4, config: { 'retention.ms': '3600000' } },
      { topic: `ensured-${process.pid}.dead-letter`, partitions: 1, config: {} },
    ];
    const names = settings.map(({ topic }) => topic);
    t.deepEqual(await ensureTopics({ brokers: broker().brokers, settings, log }), names);
    t.deepEqual(await ensureTopics({ brokers: broker().brokers, settings, log }), []);

    const warnings: unknown[] = [];
    const watched = log.child({});
    watched.warn = (...line: unknown[]) => warnings.push(line);
    const wanted = settings.map((one) => ({ ...one, partitions: 6, config: { 'retention.ms': '1000' } }));
    t.deepEqual(await ensureTopics({ brokers: broker().brokers, settings: wanted, log: watched }), []);
    t.is(warnings.length, 4);
  });

  test('an unknown topic is refused', async (t) => {
    const bus = await open(t);
    await t.throwsAsync(bus.publish([outgoing('nobody-made-me', 'x')]), { message: /nobody-made-me/ });
    await t.throwsAsync(bus.subscribe({ group: newGroup(), topics: ['nobody-made-me'], ...collect() }));
    const topic = await newTopic(1);
    await t.notThrowsAsync(bus.publish([outgoing(topic, 'x')]));
  });

  test('no broker: opening the bus is refused, naming the address', async (t) => {
    await t.throwsAsync(openKafkaBus({ brokers: ['localhost:1'], clientId: 'test', log }), {
      message: /localhost:1/,
    });
  });
}
