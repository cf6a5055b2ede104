import { setTimeout as sleep } from 'node:timers/promises';

/** For what is broken, not for what is slow: machines that run tests are shared. */
const LONGEST_MS = 60_000;
const PAUSE_MS = 10;

/**
 * Waits until `probe` answers something other than `undefined` and `false`, and hands that on.
 * @param what for the error, when it never does within the deadline
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  longestMs = LONGEST_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + longestMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`Not within ${longestMs} ms: ${what}`);
    await sleep(PAUSE_MS);
  }
}
