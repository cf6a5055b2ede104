import { type Logger, silentLogger } from '../telemetry/logger.ts';
import type { Bus, SubscribeOptions, Subscription } from './bus.ts';
import { BusClosedError } from './bus-closed-error.ts';
import { Delivery } from './in-process/delivery.ts';
import { GroupQueue } from './in-process/group-queue.ts';
import { createMember } from './in-process/member.ts';

/**
 * The bus of a single process. A message is kept nowhere: `publish` stays pending until every subscribed group
 * has taken it, so what lies behind the caller (the outbox row) is the durable queue; a topic nobody
 * subscribed to takes everything. Each topic is one partition (0). Buffers and headers are shared, not copied:
 * treat them as read-only. A handler that awaits a publish to its own topic waits for itself: never do that.
 */
export const createInProcessBus = ({ log = silentLogger }: { log?: Logger } = {}): Bus => {
  /** topic → group → what the group has yet to take. */
  const queues = new Map<string, Map<string, GroupQueue>>();
  const subscriptions = new Set<Subscription>();
  // Microseconds since 1970, then counted on: offsets keep growing from one run to the next.
  let nextOffset = BigInt(Date.now()) * 1_000n;
  let broadcasts = 0;
  let closed = false;

  const assertOpen = () => {
    if (closed) throw new BusClosedError('The bus is closed.');
  };

  const groupsOf = (topic: string): Map<string, GroupQueue> => {
    const groups = queues.get(topic) ?? new Map<string, GroupQueue>();
    queues.set(topic, groups);
    return groups;
  };

  const publish: Bus['publish'] = async (messages) => {
    assertOpen();
    const delivery = new Delivery();
    const touched = new Set<GroupQueue>();
    const timestamp = Date.now();
    for (const message of messages) {
      const incoming = { ...message, partition: 0, offset: nextOffset++, timestamp };
      for (const queue of groupsOf(message.topic).values()) {
        delivery.expect(1);
        queue.push(incoming, delivery);
        touched.add(queue);
      }
    }
    for (const queue of touched) queue.wake();
    await delivery.finish();
  };

  const subscribe = async (options: SubscribeOptions): Promise<Subscription> => {
    assertOpen();
    const topics = [...new Set(options.topics)];
    for (const topic of topics) {
      const wanted = await options.position?.(topic, 0);
      // A clock that was set back must not make new messages look like handled ones.
      if (wanted !== undefined && wanted > nextOffset) nextOffset = wanted;
    }
    assertOpen();

    const broadcast = typeof options.group !== 'string';
    const group = typeof options.group === 'string' ? `group:${options.group}` : `broadcast:${++broadcasts}`;
    const member = createMember(options.handler, log.child({ group }));
    const joined = topics.map((topic) => {
      const queue = groupsOf(topic).get(group) ?? new GroupQueue(topic);
      groupsOf(topic).set(group, queue);
      queue.join(member);
      return { topic, queue };
    });
    options.onAssigned?.(topics.map((topic) => ({ topic, partition: 0 })));

    let closing: Promise<void> | undefined;
    const leave = async () => {
      const left = joined.map(async ({ topic, queue }) => {
        const leaving = queue.leave(member, broadcast);
        if (queue.abandoned && groupsOf(topic).get(group) === queue) groupsOf(topic).delete(group);
        await leaving;
      });
      await Promise.all(left);
      subscriptions.delete(subscription);
    };
    const subscription: Subscription = {
      pause: (topic) => member.gate.pause(topic),
      resume: (topic) => {
        member.gate.resume(topic);
        for (const { queue } of joined) queue.wake();
      },
      lag: async () => joined.reduce((sum, { queue }) => sum + queue.size, 0),
      close: () => {
        closing ??= leave();
        return closing;
      },
    };
    subscriptions.add(subscription);
    return subscription;
  };

  return {
    publish,
    subscribe,
    ping: async () => assertOpen(),
    close: async () => {
      closed = true;
      for (const groups of queues.values()) for (const queue of groups.values()) queue.refuseWaiting();
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
    },
  };
};
