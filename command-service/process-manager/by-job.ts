import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';

/** Jobs that are handled side by side. */
const CONCURRENCY = 8;

/** Handles a batch: one job's messages in order, different jobs side by side. */
export async function byJob(
  messages: readonly IncomingMessage[],
  handle: (message: IncomingMessage) => Promise<void>,
): Promise<void> {
  const queues = [...Map.groupBy(messages, (message) => message.key ?? '').values()];
  const work = async () => {
    for (let queue = queues.shift(); queue; queue = queues.shift())
      for (const message of queue) await handle(message);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, queues.length) }, work));
}
