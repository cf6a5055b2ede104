import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { eventually } from '@transcodeflow/shared/testing/bus/eventually.ts';
import { collect, newGroup, numbered, outgoing, texts } from '@transcodeflow/shared/testing/bus/messages.ts';
import type { TestFn } from 'ava';
import type { KafkaBench } from './bench.ts';

const offsetsOf = (messages: readonly IncomingMessage[]) => messages.map(({ offset }) => offset);

/** Where a group begins, and begins again. */
export function testPositions(test: TestFn, { newTopic, open }: KafkaBench): void {
  test('position() decides where to begin, every time, and nothing is committed', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(1);
    const group = newGroup();
    await bus.publish(numbered(topic, 20));
    for (const start of [15n, 5n]) {
      const { got, handler } = collect();
      const subscription = await bus.subscribe({
        group,
        topics: [topic],
        from: 'latest',
        handler,
        position: async () => start,
      });
      await eventually('it got to the end', () => got.at(-1)?.offset === 19n);
      t.deepEqual(
        offsetsOf(got),
        Array.from({ length: 20 - Number(start) }, (_, index) => start + BigInt(index)),
      );
      t.is(await subscription.lag(), 0);
      await subscription.close();
    }
    const { got, handler } = collect();
    await bus.subscribe({ group, topics: [topic], handler });
    await eventually('the group has no offset of its own', () => got.length === 20);
    t.pass();
  });

  test('a position() that fails is asked again', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(1);
    await bus.publish(numbered(topic, 3));
    let asked = 0;
    const { got, handler } = collect();
    await bus.subscribe({
      group: newGroup(),
      topics: [topic],
      handler,
      position: async () => {
        asked += 1;
        if (asked < 3) throw new Error('The database is away.');
        return 1n;
      },
    });
    await eventually('it got two', () => got.length === 2);
    t.deepEqual(offsetsOf(got), [1n, 2n]);
  });

  test('a group from `latest` keeps its place from the moment it is live', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(1);
    const group = newGroup();
    await bus.publish(numbered(topic, 3));
    const first = await bus.subscribe({ group, topics: [topic], from: 'latest', handler: async () => 0 });
    await first.close();
    await bus.publish([outgoing(topic, 'between')]);
    const { got, handler } = collect();
    await bus.subscribe({ group, topics: [topic], from: 'latest', handler });
    await eventually('it got what came between', () => got.length > 0);
    t.deepEqual(texts(got), ['between']);
  });
}
