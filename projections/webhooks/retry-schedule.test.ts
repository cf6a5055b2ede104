import test from 'ava';
import { retryAfterMs } from './retry-after.ts';
import { RETRY_DELAYS_MS, retrySchedule } from './retry-schedule.ts';

const HOUR = 3_600_000;

test('eleven attempts within about 24 hours, each wait longer than the one before', (t) => {
  const waits = Array.from({ length: 11 }, (_, index) => retrySchedule(index + 1, 0.5));
  t.deepEqual(waits, [...RETRY_DELAYS_MS, undefined]);
  const total = RETRY_DELAYS_MS.reduce((sum, wait) => sum + wait, 0);
  t.true(total > 23.9 * HOUR && total <= 24 * HOUR, `${total / HOUR} h`);
  t.deepEqual(
    [...RETRY_DELAYS_MS].sort((a, b) => a - b),
    [...RETRY_DELAYS_MS],
  );
});

test('jitter spreads by a tenth to either side', (t) => {
  t.is(retrySchedule(1, 0), 4_500);
  t.is(retrySchedule(1, 1), 5_500);
  t.is(retrySchedule(3, 0.25), 114_000);
});

test('Retry-After delays, up to an hour, and never hastens', (t) => {
  t.is(retrySchedule(1, 0.5, 60_000), 60_000);
  t.is(retrySchedule(1, 0.5, 0), 5_000);
  t.is(retrySchedule(1, 0.5, 24 * HOUR), HOUR);
  t.is(retrySchedule(8, 0.5, 24 * HOUR), 4 * HOUR);
  t.is(retrySchedule(11, 0.5, 60_000), undefined);
});

test('Retry-After is seconds or a date; anything else is as good as absent', (t) => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  t.is(retryAfterMs('120', now), 120_000);
  t.is(retryAfterMs(' 0 ', now), 0);
  t.is(retryAfterMs('Fri, 02 Jan 2026 03:05:05 GMT', now), 60_000);
  t.is(retryAfterMs('Fri, 02 Jan 2026 03:03:05 GMT', now), 0);
  t.is(retryAfterMs('soon', now), undefined);
  t.is(retryAfterMs('-5', now), undefined);
  t.is(retryAfterMs(undefined, now), undefined);
});
