import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, IncomingMessage, OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import type { TopicSettings } from '@transcodeflow/shared/contracts/topics.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import {
  collect,
  eventually,
  newGroup,
  numbered,
  outgoing,
  testBusContract,
  texts,
} from '@transcodeflow/shared/testing/bus-contract.ts';
import test, { type ExecutionContext } from 'ava';
import { type KafkaBroker, startKafka } from '../systems/kafka-broker.ts';

const log = createLogger('kafka-bus.test', process.env.LOG_LEVEL ?? 'fatal');

let kafka: KafkaBroker;
test.before(async () => {
  kafka = await startKafka();
});
test.after.always(async () => {
  await kafka?.stop();
});

let topics = 0;
const newTopic = async (partitions: number): Promise<string> => {
  const topic = `topic-${++topics}`;
  await ensureTopics({ brokers: kafka.brokers, settings: [{ topic, partitions, config: {} }], log });
  return topic;
};
const openBus = (): Promise<Bus> => openKafkaBus({ brokers: kafka.brokers, clientId: 'test', log });
const open = async (t: ExecutionContext): Promise<Bus> => {
  const bus = await openBus();
  t.teardown(() => bus.close());
  return bus;
};

testBusContract(test, () => ({ open: openBus, topic: newTopic }));

const offsetsOf = (messages: readonly IncomingMessage[]) => messages.map(({ offset }) => offset);

/** Publishes until it was acknowledged, as the relay does with its outbox. */
const publishUntilDone = async (bus: Bus, messages: readonly OutgoingMessage[]): Promise<void> => {
  for (;;) {
    try {
      return await bus.publish(messages);
    } catch {
      await delay(100);
    }
  }
};

test('ensureTopics creates what is missing and changes nothing else', async (t) => {
  const settings: TopicSettings[] = [
    { topic: `ensured-${process.pid}`, partitions: 4, config: { 'retention.ms': '3600000' } },
    { topic: `ensured-${process.pid}.dead-letter`, partitions: 1, config: {} },
  ];
  const names = settings.map(({ topic }) => topic);
  t.deepEqual(await ensureTopics({ brokers: kafka.brokers, settings, log }), names);
  t.deepEqual(await ensureTopics({ brokers: kafka.brokers, settings, log }), []);

  const warnings: unknown[] = [];
  const watched = log.child({});
  watched.warn = (...line: unknown[]) => warnings.push(line);
  const wanted = settings.map((one) => ({ ...one, partitions: 6, config: { 'retention.ms': '1000' } }));
  t.deepEqual(await ensureTopics({ brokers: kafka.brokers, settings: wanted, log: watched }), []);
  t.is(warnings.length, 4);
});

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

test('members that come and go lose nothing', async (t) => {
  const bus = await open(t);
  const topic = await newTopic(6);
  const group = newGroup();
  const seen = new Set<string>();
  const join = () =>
    bus.subscribe({
      group,
      topics: [topic],
      handler: async ({ messages, signal }) => {
        for (const message of messages) {
          await delay(2);
          signal.throwIfAborted();
          seen.add(message.value.toString());
        }
      },
    });
  const members = [await join()];
  let sent = 0;
  for (const step of ['join', 'join', 'leave', 'join', 'leave']) {
    await bus.publish(Array.from({ length: 300 }, () => outgoing(topic, String(sent++))));
    if (step === 'join') members.push(await join());
    else await members.shift()?.close();
  }
  await eventually('all were handled', () => seen.size === sent);
  t.is(seen.size, sent);
  for (const member of members) await eventually('no lag', async () => (await member.lag()) === 0);
});

test('a rebalance does not wait for a long handler, but aborts its batch', async (t) => {
  const bus = await open(t);
  const topic = await newTopic(2);
  const group = newGroup();
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const taken: string[] = [];
  await bus.subscribe({
    group,
    topics: [topic],
    handler: async ({ messages, signal }) => {
      if (taken.length === 0) {
        taken.push('first try');
        started.resolve();
        await once(signal, 'abort');
        aborted.resolve();
        throw new Error('rolled back');
      }
      taken.push(...texts(messages));
    },
  });
  await bus.publish([outgoing(topic, 'x', 'k')]);
  await started.promise;
  const second = collect();
  await bus.subscribe({ group, topics: [topic], handler: second.handler });
  await aborted.promise;
  await eventually('one of the two took it', () => [...taken, ...texts(second.got)].includes('x'));
  t.deepEqual([...taken, ...texts(second.got)], ['first try', 'x']);
});

test('topics of equally many partitions meet in one member', async (t) => {
  const bus = await open(t);
  const [facts, beats] = [await newTopic(6), await newTopic(6)];
  const group = newGroup();
  const owned: { topic: string; partition: number }[][] = [];
  for (let member = 0; member < 4; member += 1)
    await bus.subscribe({
      group,
      topics: [facts, beats],
      handler: async () => undefined,
      onAssigned: (partitions) => {
        owned[member] = partitions;
      },
    });
  const count = () => owned.reduce((sum, { length }) => sum + length, 0);
  await eventually(
    'all four own some',
    () => owned.length === 4 && owned.every(({ length }) => length > 0) && count() === 12,
  );
  const partitionsOf = (index: number, name: string) =>
    owned[index]!.filter(({ topic }) => topic === name)
      .map(({ partition }) => partition)
      .sort();
  for (let index = 0; index < 4; index += 1)
    t.deepEqual(partitionsOf(index, facts), partitionsOf(index, beats));
});

/** A member in a process of its own; prints `ready`, then each value it took. */
const startMember = (topic: string, group: string) => {
  const child = spawn(
    process.execPath,
    [new URL('kafka-member.ts', import.meta.url).pathname, topic, group],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, KAFKA_BROKERS: kafka.brokers.join(',') },
    },
  );
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines, exited: once(child, 'exit') };
};

test('a killed member is replaced and its messages are handled', async (t) => {
  const bus = await open(t);
  const topic = await newTopic(2);
  const group = newGroup();
  const { child, lines, exited } = startMember(topic, group);
  await eventually('the member is ready', () => lines.includes('ready'));
  await bus.publish(numbered(topic, 10));
  await eventually('the member took ten', () => lines.length === 11);
  child.kill('SIGKILL');
  await exited;
  const killed = Date.now();
  await bus.publish([outgoing(topic, 'after', 'a'), outgoing(topic, 'after', 'c')]);
  const { got, handler } = collect();
  await bus.subscribe({ group, topics: [topic], handler });
  await eventually('both arrived', () => texts(got).filter((text) => text === 'after').length === 2);
  t.log(`replaced after ${Date.now() - killed} ms`);
  t.pass();
});

test('a closed bus lets its process end, having used next to no CPU while idle', async (t) => {
  const { child, lines, exited } = startMember(await newTopic(2), newGroup());
  await eventually('the member is ready', () => lines.includes('ready'));
  child.stdin.end();
  const [code] = await exited;
  t.is(code, 0);
  const idle = lines.find((line) => line.startsWith('idle'));
  t.log(idle);
  t.truthy(idle);
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

test.serial('a broker that dies and comes back: all that was acknowledged arrives, in order', async (t) => {
  const bus = await open(t);
  const topic = await newTopic(3);
  const { got, handler } = collect();
  const live = collect();
  const subscription = await bus.subscribe({ group: newGroup(), topics: [topic], handler });
  await bus.subscribe({ group: { broadcast: 'live' }, topics: [topic], handler: live.handler });

  let sent = 0;
  const publishSome = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      await publishUntilDone(bus, [outgoing(topic, String(sent), `key-${sent % 5}`)]);
      sent += 1;
    }
  };
  await publishSome(50);
  // In the middle of a stream of messages, for long enough that producer and consumer give up.
  const streaming = publishSome(200);
  await eventually('the stream runs', () => sent > 80);
  await kafka.kill();
  await t.throwsAsync(bus.publish([outgoing(topic, 'lost')]), { message: /not published/ });
  await t.throwsAsync(bus.ping());
  await kafka.start();
  await streaming;

  const all = Array.from({ length: sent }, (_, index) => String(index));
  for (const { got: messages } of [{ got }, live]) {
    await eventually('all arrived', () => new Set(texts(messages)).size >= sent);
    // A retried request may write a message twice, never in another order.
    for (const key of new Set(messages.map((message) => message.key))) {
      const firsts = [...new Set(texts(messages.filter((message) => message.key === key)))];
      t.deepEqual(
        firsts,
        all.filter((text) => `key-${Number(text) % 5}` === key),
      );
    }
  }
  await eventually('no lag', async () => (await subscription.lag()) === 0);
});
