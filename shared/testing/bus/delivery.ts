import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestFn } from 'ava';
import { type BusUnderTest, busOf } from './bus-under-test.ts';
import { eventually } from './eventually.ts';
import { collect, newGroup, numbered, outgoing, texts } from './messages.ts';

/** What arrives, where, and in which order. */
export function testDelivery(test: TestFn, subject: () => BusUnderTest): void {
  const withBus = busOf(subject);

  test('messages of one key keep their order, one batch at a time per partition', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(3);
      const { got, handler } = collect();
      const running = new Set<number>();
      await bus.subscribe({
        group: newGroup(),
        topics: [topic],
        handler: async (batch) => {
          t.false(running.has(batch.partition));
          running.add(batch.partition);
          await delay(1);
          await handler(batch);
          running.delete(batch.partition);
        },
      });
      for (let round = 0; round < 40; round += 1)
        await bus.publish(['a', 'b', 'c'].map((key) => outgoing(topic, String(round), key)));
      await eventually('all 120 arrived', () => got.length >= 120);
      const expected = Array.from({ length: 40 }, (_, round) => String(round));
      for (const key of ['a', 'b', 'c'])
        t.deepEqual(texts(got.filter((message) => message.key === key)), expected);
      for (const partition of new Set(got.map((message) => message.partition))) {
        const offsets = got.filter((message) => message.partition === partition).map(({ offset }) => offset);
        t.true(offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? offset)));
      }
    }));

  test('each group sees every message, its members share them', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(6);
      const [one, two, other] = [collect(), collect(), collect()];
      const group = newGroup();
      await bus.subscribe({ group, topics: [topic], handler: one.handler });
      await bus.subscribe({ group, topics: [topic], handler: two.handler });
      await bus.subscribe({ group: newGroup(), topics: [topic], handler: other.handler });

      let sent = 0;
      await eventually('both members get messages', async () => {
        await bus.publish([outgoing(topic, String(sent++))]);
        return one.got.length > 0 && two.got.length > 0;
      });
      const settled = sent;
      await bus.publish(Array.from({ length: 60 }, () => outgoing(topic, String(sent++))));
      const all = Array.from({ length: sent }, (_, index) => String(index));
      const shared = () => [...texts(one.got), ...texts(two.got)];
      await eventually('the group got all', () => new Set(shared()).size === sent);
      await eventually('the other group got all', () => new Set(texts(other.got)).size === sent);
      // Once the group is settled nothing comes twice.
      const late = shared().filter((text) => Number(text) >= settled);
      t.deepEqual(
        late.sort((a, b) => Number(a) - Number(b)),
        all.slice(settled),
      );
    }));

  test('a broadcast sees all that is published after it, and nothing before', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(3);
      const [group, first, second] = [collect(), collect(), collect()];
      await bus.subscribe({ group: newGroup(), topics: [topic], handler: group.handler });
      await bus.publish(numbered(topic, 10));
      await eventually('the group got the first ten', () => group.got.length === 10);
      await bus.subscribe({ group: { broadcast: 'live' }, topics: [topic], handler: first.handler });
      await bus.subscribe({ group: { broadcast: 'live' }, topics: [topic], handler: second.handler });
      const after = ['x', 'y', 'z'];
      await bus.publish(after.map((text) => outgoing(topic, text)));
      for (const { got } of [first, second]) {
        await eventually('the broadcast got three', () => got.length >= 3);
        t.deepEqual(texts(got).sort(), after);
      }
    }));

  test('headers, keys and binary values come back as they were', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const { got, handler } = collect();
      await bus.subscribe({ group: newGroup(), topics: [topic], handler });
      const before = Date.now() - 60_000;
      const value = Buffer.concat([Buffer.from([0, 255, 254, 128]), randomBytes(1_000)]);
      const headers = { ce_id: '1', ce_subject: 'Grüße 🎬', empty: '' };
      await bus.publish([
        { topic, key: 'schlüssel', headers, value },
        { topic, headers: {}, value: Buffer.alloc(0) },
      ]);
      await eventually('both arrived', () => got.length === 2);
      const [full, empty] = got;
      t.like(full, { topic, partition: 0, key: 'schlüssel' });
      t.deepEqual(full?.headers, headers);
      t.true(full?.value.equals(value));
      t.true((full?.timestamp ?? 0) > before);
      t.is(typeof full?.offset, 'bigint');
      t.deepEqual([empty?.key, empty?.headers, empty?.value.byteLength], [undefined, {}, 0]);
    }));

  test('messages of nearly 1 MB pass', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const { got, handler } = collect();
      await bus.subscribe({ group: newGroup(), topics: [topic], handler });
      const values = Array.from({ length: 5 }, () => randomBytes(1_000_000));
      await bus.publish(values.map((value) => ({ topic, headers: {}, value })));
      await eventually('all arrived', () => got.length === 5);
      t.true(got.every(({ value }, index) => value.equals(values[index] ?? Buffer.alloc(0))));
    }));

  test('position() is asked once for each partition, which onAssigned() names', (t) =>
    withBus(async (bus, newTopic) => {
      const topic = await newTopic(1);
      const asked: string[] = [];
      const assigned: unknown[] = [];
      const { got, handler } = collect();
      await bus.subscribe({
        group: newGroup(),
        topics: [topic],
        handler,
        position: async (name, partition) => {
          asked.push(`${name}/${partition}`);
          return undefined;
        },
        onAssigned: (partitions) => assigned.push(partitions),
      });
      await bus.publish(numbered(topic, 3, 'k'));
      await eventually('all arrived', () => got.length === 3);
      t.deepEqual(asked, [`${topic}/0`]);
      t.deepEqual(assigned, [[{ topic, partition: 0 }]]);
    }));
}
