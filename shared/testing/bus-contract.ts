import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestFn } from 'ava';
import type { BatchHandler, Bus, IncomingMessage, OutgoingMessage } from '../bus/bus.ts';

/** What a suite needs of an adapter. */
export interface BusUnderTest {
  open(): Promise<Bus>;
  /** A topic nobody used before. */
  topic(partitions: number): Promise<string>;
}

const DEADLINE_MS = 60_000;

/** Waits until `check` holds; fails saying what it waited for. */
export const eventually = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Still not true after ${DEADLINE_MS} ms: ${what}`);
    await delay(10);
  }
};

export const outgoing = (topic: string, text: string, key?: string): OutgoingMessage => ({
  topic,
  headers: {},
  value: Buffer.from(text),
  ...(key === undefined ? {} : { key }),
});

export const numbered = (topic: string, count: number, key?: string): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => outgoing(topic, String(index), key));

export const texts = (messages: readonly IncomingMessage[]): string[] =>
  messages.map(({ value }) => value.toString());

/** A handler that takes everything and remembers it. */
export const collect = (): { handler: BatchHandler; got: IncomingMessage[] } => {
  const got: IncomingMessage[] = [];
  const handler: BatchHandler = async ({ messages }) => {
    got.push(...messages);
  };
  return { got, handler };
};

let groups = 0;
export const newGroup = (): string => `group-${process.pid}-${++groups}`;

/** The guarantees of `bus.ts`, for every adapter. */
export const testBusContract = (test: TestFn, subject: () => BusUnderTest): void => {
  const withBus = async (
    run: (bus: Bus, topic: (partitions: number) => Promise<string>) => Promise<void>,
  ) => {
    const bus = await subject().open();
    try {
      await run(bus, (partitions) => subject().topic(partitions));
    } finally {
      await bus.close();
    }
  };

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
};

const texts0to = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
