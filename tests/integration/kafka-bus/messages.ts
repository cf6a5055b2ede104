import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@transcodeflow/shared/testing/bus/eventually.ts';
import { collect, newGroup, numbered, outgoing, texts } from '@transcodeflow/shared/testing/bus/messages.ts';
import type { TestFn } from 'ava';
import type { KafkaBench } from './bench.ts';

/** What becomes of many, large and keyless messages, and how fast. */
export function testMessages(test: TestFn, { newTopic, open }: KafkaBench): void {
  test('messages without a key spread over the partitions, of one key stay together', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(4);
    const { got, handler } = collect();
    await bus.subscribe({ group: newGroup(), topics: [topic], handler });
    await bus.publish([...numbered(topic, 40), ...numbered(topic, 10, 'one')]);
    await eventually('all arrived', () => got.length === 50);
    const keyless = got.filter(({ key }) => key === undefined);
    t.deepEqual([...new Set(keyless.map(({ partition }) => partition))].sort(), [0, 1, 2, 3]);
    t.is(new Set(got.filter(({ key }) => key === 'one').map(({ partition }) => partition)).size, 1);
  });

  test('a backlog beyond the read-ahead reaches a slow handler in order, once', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(2);
    const filler = 'x'.repeat(20_000);
    await bus.publish(
      Array.from({ length: 400 }, (_, index) => outgoing(topic, `${index}:${filler}`, index % 2 ? 'a' : 'c')),
    );
    const { got, handler } = collect();
    await bus.subscribe({
      group: newGroup(),
      topics: [topic],
      handler: async (batch) => {
        await delay(Math.min(400, batch.messages.length * 4));
        await handler(batch);
      },
    });
    await eventually('all arrived', () => got.length >= 400);
    for (const key of ['a', 'c']) {
      const order = got
        .filter((message) => message.key === key)
        .map(({ value }) => parseInt(value.toString(), 10));
      t.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
      );
    }
    t.is(got.length, 400);
  });

  test('a message too large for the broker is refused alone', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(1);
    const { got, handler } = collect();
    await bus.subscribe({ group: newGroup(), topics: [topic], handler });
    const first = bus.publish([outgoing(topic, 'first')]);
    const huge = t.throwsAsync(bus.publish([{ topic, headers: {}, value: Buffer.alloc(3_000_000) }]), {
      message: /not published.*larger/,
    });
    const last = bus.publish([outgoing(topic, 'last')]);
    await Promise.all([first, huge, last]);
    await eventually('both others arrived', () => got.length === 2);
    t.deepEqual(texts(got), ['first', 'last']);
  });

  test.serial('produce to consume, one message at a time', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(6);
    const took: number[] = [];
    await bus.subscribe({
      group: newGroup(),
      topics: [topic],
      handler: async ({ messages }) => {
        for (const { headers } of messages) took.push(performance.now() - Number(headers.at));
      },
    });
    for (let index = 0; index < 500; index += 1)
      await bus.publish([{ topic, headers: { at: String(performance.now()) }, value: Buffer.alloc(500) }]);
    await eventually('all arrived', () => took.length === 500);
    took.sort((a, b) => a - b);
    t.log(`p50 ${took[250]?.toFixed(1)} ms, p99 ${took[495]?.toFixed(1)} ms`);
    t.pass();
  });
}
