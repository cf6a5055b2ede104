import test from 'ava';
import { testBusContract } from '../testing/bus/contract.ts';
import { eventually } from '../testing/bus/eventually.ts';
import { collect, newGroup, numbered, outgoing, texts } from '../testing/bus/messages.ts';
import { BusClosedError } from './bus-closed-error.ts';
import { createInProcessBus } from './in-process-bus.ts';

let topics = 0;
const newTopic = () => `topic-${++topics}`;

testBusContract(test, () => ({ open: async () => createInProcessBus(), topic: async () => newTopic() }));

test('publish resolves only when every group has taken the message', async (t) => {
  const bus = createInProcessBus();
  const topic = newTopic();
  const gate = Promise.withResolvers<void>();
  const quick = collect();
  await bus.subscribe({ group: newGroup(), topics: [topic], handler: quick.handler });
  await bus.subscribe({ group: newGroup(), topics: [topic], handler: () => gate.promise });
  let published = false;
  const publishing = bus.publish([outgoing(topic, 'x')]).then(() => {
    published = true;
  });
  await eventually('the quick group took it', () => quick.got.length === 1);
  t.false(published);
  gate.resolve();
  await publishing;
  await bus.close();
});

test('a topic without subscribers takes everything at once', async (t) => {
  const bus = createInProcessBus();
  await t.notThrowsAsync(bus.publish(numbered(newTopic(), 3)));
  await bus.close();
});

test('closing the bus refuses what no group took, so that the outbox keeps it', async (t) => {
  const bus = createInProcessBus();
  const topic = newTopic();
  const subscription = await bus.subscribe({ group: newGroup(), topics: [topic], handler: async () => 0 });
  const refused = t.throwsAsync(bus.publish([outgoing(topic, 'x')]), { instanceOf: BusClosedError });
  await eventually('it waits', async () => (await subscription.lag()) === 1);
  await bus.close();
  await refused;
});

test('two handlers that wait for each other do not hold up the closing bus', async (t) => {
  const bus = createInProcessBus();
  const topics = [newTopic(), newTopic()];
  let waiting = 0;
  for (const [index, topic] of topics.entries())
    await bus.subscribe({
      group: newGroup(),
      topics: [topic],
      handler: async () => {
        const answer = bus.publish([outgoing(topics[1 - index]!, 'answer')]);
        waiting += 1;
        await answer;
      },
    });
  const refused = topics.map((topic) =>
    t.throwsAsync(bus.publish([outgoing(topic, 'x')]), { instanceOf: BusClosedError }),
  );
  await eventually('both wait', () => waiting === 2);
  await bus.close();
  await Promise.all(refused);
});

test('offsets grow past the position a subscriber kept, even if the clock was set back', async (t) => {
  const bus = createInProcessBus();
  const topic = newTopic();
  const kept = BigInt(Date.now() + 3_600_000) * 1_000n;
  const { got, handler } = collect();
  await bus.subscribe({ group: newGroup(), topics: [topic], handler, position: async () => kept });
  await bus.publish(numbered(topic, 2));
  t.deepEqual(
    got.map(({ offset }) => offset),
    [kept, kept + 1n],
  );
  await bus.close();
});

test('a member that leaves hands what it did not take to the others', async (t) => {
  const bus = createInProcessBus();
  const topic = newTopic();
  const group = newGroup();
  const full = await bus.subscribe({ group, topics: [topic], handler: async () => 0 });
  const publishing = bus.publish(numbered(topic, 3));
  await eventually('it waits', async () => (await full.lag()) === 3);
  const { got, handler } = collect();
  await bus.subscribe({ group, topics: [topic], handler });
  await full.close();
  await publishing;
  t.deepEqual(texts(got), ['0', '1', '2']);
  await bus.close();
});

test('a broadcast that closes holds nothing up', async (t) => {
  const bus = createInProcessBus();
  const topic = newTopic();
  const live = await bus.subscribe({ group: { broadcast: 'live' }, topics: [topic], handler: async () => 0 });
  const publishing = bus.publish([outgoing(topic, 'x')]);
  await eventually('it waits', async () => (await live.lag()) === 1);
  await live.close();
  await t.notThrowsAsync(publishing);
  await bus.close();
});
