import { setTimeout as sleep } from 'node:timers/promises';
import { retryDelay } from '../bus/retry-delay.ts';
import { isTransient } from './is-transient.ts';

const MOST_ATTEMPTS = 3;

export interface Failure {
  error: unknown;
  attempts: number;
}

/**
 * Tries to handle a message three times within 150 ms.
 * @returns why it cannot be handled; undefined when it was
 * @throws what is transient, at once: the bus waits and offers the message again
 */
export async function tryHandling(
  handle: () => Promise<void>,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      await handle();
      return undefined;
    } catch (error) {
      if (signal.aborted || isTransient(error)) throw error;
      if (attempts === MOST_ATTEMPTS) return { error, attempts };
      await sleep(retryDelay(attempts), undefined, { signal });
    }
  }
}
