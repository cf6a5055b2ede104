import { setTimeout as delay } from 'node:timers/promises';
import type { TestFn } from 'ava';
import { type BusUnderTest, busOf } from './bus-under-test.ts';
import { eventually } from './eventually.ts';
import { collect, newGroup, numbered, outgoing, texts, texts0to } from './messages.ts';

/** Handlers that fail, members and buses that close. */
export function testFailures(test: TestFn, subject: () => BusUnderTest): void {
  const withBus = busOf(subject);

  test('a rejected batch is offered again, in order, and blocks no other topic', (t) =>
    withBus(async (bus, newTopic) => {
      const [topic, otherTopic] = [await newTopic(1), await newTopic(1)];
      const [poisoned, other] = [collect(), collect()];
      let failures = 0;
      let healed = false;
      await bus.subscribe({
        group: newGroup(),
        topics: [topic, otherTopic],
        handler: async (batch) => {
          if (batch.topic === otherTopic) return other.handler(batch);
          if (!healed) {
            failures += 1;
            throw new Error('not now');
          }
          return poisoned.handler(batch);
        },
      });
      const published = bus.publish(numbered(topic, 5, 'k'));
      await eventually('it failed', () => failures > 0);
      await bus.publish(numbered(otherTopic, 5, 'k'));
      await eventually('the other topic flows', () => other.got.length === 5);
      await eventually('it failed three times', () => failures >= 3);
      t.is(poisoned.got.length, 0);
      healed = true;
      await published;
      await eventually('all arrived', () => poisoned.got.length >= 5);
      t.deepEqual(texts(poisoned.got), texts0to(5));
    }));

  test('what a closed member did not take is not lost', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const group = newGroup();
      const taken: string[] = [];
      const first = await bus.subscribe({
        group,
        topics: [topic],
        handler: async ({ messages }) => {
          if (taken.length > 0) return 0;
          taken.push(...texts(messages.slice(0, 2)));
          return Math.min(2, messages.length);
        },
      });
      const publishing = bus.publish(numbered(topic, 6, 'k')).then(
        () => true,
        () => false,
      );
      await eventually('two were taken', () => taken.length === 2);
      await first.close();
      // Durable where it was published to, or refused so that the caller publishes again.
      const published = await publishing;
      const second = collect();
      await bus.subscribe({ group, topics: [topic], handler: second.handler });
      if (!published) await bus.publish(numbered(topic, 6, 'k').slice(2));
      await eventually('the rest arrived', () => second.got.length >= 4);
      t.deepEqual([...taken, ...texts(second.got)], texts0to(6));
    }));

  test('close() aborts the running batch and waits for its handler', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const started = Promise.withResolvers<void>();
      let ended = false;
      const subscription = await bus.subscribe({
        group: newGroup(),
        topics: [topic],
        handler: async ({ signal }) => {
          started.resolve();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          await delay(20);
          ended = true;
        },
      });
      const published = bus.publish([outgoing(topic, 'x')]);
      await started.promise;
      await subscription.close();
      t.true(ended);
      await published;
    }));

  test('a closed bus refuses', async (t) => {
    const topic = await subject().topic(1);
    const bus = await subject().open();
    await t.notThrowsAsync(bus.ping());
    await bus.close();
    await t.notThrowsAsync(bus.close());
    await t.throwsAsync(bus.publish([outgoing(topic, 'x')]), { message: /closed/ });
    await t.throwsAsync(bus.subscribe({ group: newGroup(), topics: [topic], ...collect() }), {
      message: /closed/,
    });
    await t.throwsAsync(bus.ping(), { message: /closed/ });
  });
}
