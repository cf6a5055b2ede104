const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between the attempts of a round: eleven within about 24 hours, close together while most outages end. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR + 15 * MINUTE,
];

/** Those that failed together should not all come back together. */
const JITTER = 0.1;
/** A receiver may ask for time, but not for ever. */
const LONGEST_RETRY_AFTER_MS = HOUR;

/**
 * How long to wait after the n-th attempt of a round failed; undefined: give up.
 * @param random from 0 up to 1
 * @param retryAfterMs what the receiver asked for: never sooner than that, up to an hour
 */
export type RetrySchedule = (attempts: number, random: number, retryAfterMs?: number) => number | undefined;

export const retrySchedule: RetrySchedule = (attempts, random, retryAfterMs = 0) => {
  const delay = RETRY_DELAYS_MS[attempts - 1];
  if (delay === undefined) return undefined;
  const spread = Math.round(delay * (1 + JITTER * (2 * random - 1)));
  return Math.max(spread, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
};
