import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { eventually } from '@transcodeflow/shared/testing/bus/eventually.ts';
import { collect, newGroup, outgoing, texts } from '@transcodeflow/shared/testing/bus/messages.ts';
import type { TestFn } from 'ava';
import type { KafkaBench } from './bench.ts';

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

/** The broker dies in the middle of a stream of messages. */
export function testBrokerOutage(test: TestFn, { broker, newTopic, open }: KafkaBench): void {
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
    await broker().kill();
    await t.throwsAsync(bus.publish([outgoing(topic, 'lost')]), { message: /not published/ });
    await t.throwsAsync(bus.ping());
    await broker().start();
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
}
