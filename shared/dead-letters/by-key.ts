import type { IncomingMessage } from '../bus/bus.ts';

/** Keys that are handled side by side. */
const CONCURRENCY = 8;

/**
 * Handles a batch: one key's messages in order, different keys side by side. The first failure ends it, once what was
 * begun has ended: nothing of this batch still runs when it is offered again.
 */
export async function byKey(
  messages: readonly IncomingMessage[],
  handle: (message: IncomingMessage) => Promise<void>,
): Promise<void> {
  const queues = [...Map.groupBy(messages, (message) => message.key ?? '').values()];
  const failures: unknown[] = [];
  const work = async () => {
    for (let queue = queues.shift(); queue; queue = queues.shift())
      for (const message of queue) {
        if (failures.length > 0) return;
        await handle(message).catch((error: unknown) => failures.push(error));
      }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, queues.length) }, work));
  if (failures.length > 0) throw failures[0];
}
