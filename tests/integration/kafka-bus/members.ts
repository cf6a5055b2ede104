import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@transcodeflow/shared/testing/bus/eventually.ts';
import { collect, newGroup, numbered, outgoing, texts } from '@transcodeflow/shared/testing/bus/messages.ts';
import type { TestFn } from 'ava';
import type { KafkaBench } from './bench.ts';

/** A member in a process of its own; prints `ready`, then each value it took. */
const startMember = (brokers: readonly string[], topic: string, group: string) => {
  const child = spawn(process.execPath, [new URL('member.ts', import.meta.url).pathname, topic, group], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, KAFKA_BROKERS: brokers.join(',') },
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines, exited: once(child, 'exit') };
};

/** Members of a group that come, go, take long or are killed. */
export function testMembers(test: TestFn, { broker, newTopic, open }: KafkaBench): void {
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

  test('a killed member is replaced and its messages are handled', async (t) => {
    const bus = await open(t);
    const topic = await newTopic(2);
    const group = newGroup();
    const { child, lines, exited } = startMember(broker().brokers, topic, group);
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
    const { child, lines, exited } = startMember(broker().brokers, await newTopic(2), newGroup());
    await eventually('the member is ready', () => lines.includes('ready'));
    child.stdin.end();
    const [code] = await exited;
    t.is(code, 0);
    const idle = lines.find((line) => line.startsWith('idle'));
    t.log(idle);
    t.truthy(idle);
  });
}
