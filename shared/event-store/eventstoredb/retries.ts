import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, NoAnswerError } from './errors.ts';

const FIRST_MS = 50;
const LONGEST_MS = 5_000;
/** Seven pauses of 50 to 3,200 ms: 6.4 s in all, longer than the election of a new leader takes. */
const MOST_RETRIES = 7;
/** The client's own deadline is 10 s; this is for what it has lost track of with a broken connection. */
const LONGEST_CALL_MS = 15_000;

/** The pause before try number `failures + 1`, in milliseconds: 50, 100, 200 … 5,000. */
export const backOff = (failures: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));

/** Repeats what fails transiently. `call` must be harmless to repeat: a read, or an append with the same event ids. */
export async function withRetries<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await within(call, LONGEST_CALL_MS);
    } catch (error) {
      if (failures > MOST_RETRIES || !isTransient(error) || signal.aborted) throw error;
      await sleep(backOff(failures), undefined, { signal }).catch(() => {});
    }
  }
}

/** @throws {NoAnswerError} when the call is not done in time; it is not stopped */
export async function within<T>(call: () => Promise<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new NoAnswerError(`no answer within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([call(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
