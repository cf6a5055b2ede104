import type { TestFn } from 'ava';
import { type BusUnderTest, busOf } from './bus-under-test.ts';
import { eventually } from './eventually.ts';
import { collect, newGroup, numbered, outgoing, texts, texts0to } from './messages.ts';

/** A topic waits until its handler has room. */
export function testFlowControl(test: TestFn, subject: () => BusUnderTest): void {
  const withBus = busOf(subject);

  test('taking fewer pauses the topic, resume() delivers the rest', (t) =>
    withBus(async (bus, newTopic) => {
      const [topic, otherTopic] = [await newTopic(1), await newTopic(1)];
      const got: string[] = [];
      let slots = 3;
      let offered = 0;
      const subscription = await bus.subscribe({
        group: newGroup(),
        topics: [topic, otherTopic],
        handler: async (batch) => {
          if (batch.topic === otherTopic) return;
          offered += 1;
          const taken = Math.min(slots, batch.messages.length);
          slots -= taken;
          got.push(...texts(batch.messages.slice(0, taken)));
          return taken;
        },
      });
      const published = bus.publish(numbered(topic, 10, 'k'));
      await eventually('three were taken', () => got.length === 3);
      // The other topic flows on; nothing more of the paused one is offered meanwhile.
      const before = offered;
      for (let index = 0; index < 10; index += 1) await bus.publish([outgoing(otherTopic, String(index))]);
      t.is(got.length, 3);
      t.true(offered <= before + 1);
      slots = 4;
      subscription.resume(topic);
      await eventually('four more were taken', () => got.length === 7);
      slots = 10;
      subscription.resume(topic);
      await published;
      await eventually('all were taken', () => got.length === 10);
      t.deepEqual(got, texts0to(10));
    }));

  test('a resume() that comes while the handler returns is not lost', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const got: string[] = [];
      let refused = 0;
      const subscription = await bus.subscribe({
        group: newGroup(),
        topics: [topic],
        handler: async ({ messages }) => {
          if (refused < 3) {
            refused += 1;
            subscription.resume(topic);
            return 0;
          }
          got.push(...texts(messages));
          return undefined;
        },
      });
      await bus.publish(numbered(topic, 2, 'k'));
      await eventually('both were taken', () => got.length === 2);
      t.is(refused, 3);
    }));

  test('pause() holds a topic back until resume()', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(2);
      const { got, handler } = collect();
      const subscription = await bus.subscribe({ group: newGroup(), topics: [topic], handler });
      t.is(await subscription.lag(), 0);
      subscription.pause(topic);
      const published = bus.publish(numbered(topic, 5));
      await eventually('five wait', async () => (await subscription.lag()) === 5);
      t.is(got.length, 0);
      subscription.resume(topic);
      await published;
      await eventually('nothing waits', async () => (await subscription.lag()) === 0);
      t.is(got.length, 5);
    }));
}
