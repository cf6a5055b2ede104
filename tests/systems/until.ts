import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition; rejects with what was last seen when the deadline passes. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  deadlineMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline)
      throw new Error(`Not within ${deadlineMs} ms: ${what}; last seen: ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}
