import { once } from 'node:events';
import type { AllStreamSubscription } from '@eventstore/db-client';
import { isOwn, type Recorded } from './stored-form.ts';

/**
 * A catch-up subscription, read in batches. What is not taken stays on the server: the buffer here holds one
 * batch, and HTTP/2's flow control stops the rest.
 */
export interface EventFeed {
  /**
   * At least one event, as many as are there up to `most`; those of streams that are not this system's are left out, so it
   * may be none. Also none when aborted.
   * @throws when the connection was lost; the feed is of no more use
   */
  next(most: number, signal: AbortSignal): Promise<Recorded[]>;
  close(): Promise<void>;
}

export function createEventFeed(subscription: AllStreamSubscription): EventFeed {
  let failure: Error | undefined;
  // Kept for as long as the stream lives: an error that comes while nobody reads must not end the process.
  subscription.on('error', (error) => {
    failure ??= error;
  });
  const ended = () => {
    failure ??= new Error('The server ended the subscription');
  };
  subscription.on('end', ended);
  subscription.on('close', ended);

  function take(most: number): Recorded[] {
    const taken: Recorded[] = [];
    while (taken.length < most) {
      const resolved = subscription.read();
      if (resolved === null) break;
      taken.push(resolved.event);
    }
    return taken;
  }

  return {
    async next(most, signal) {
      for (;;) {
        const taken = take(most);
        if (taken.length > 0 || signal.aborted) return taken.filter(isOwn);
        if (failure) throw failure;
        const woken = new AbortController();
        const options = { signal: AbortSignal.any([signal, woken.signal]) };
        await Promise.race([once(subscription, 'readable', options), once(subscription, 'close', options)])
          .catch((error) => {
            if (!signal.aborted) failure ??= error;
          })
          .finally(() => woken.abort());
      }
    },
    async close() {
      // Flowing, so that the cancelled call comes to its end: a paused one would stay open in the client.
      subscription.resume();
      await subscription.unsubscribe().catch(() => {});
    },
  };
}
