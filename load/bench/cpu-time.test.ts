import test from 'ava';
import { cpuTime, median, standardError } from './cpu-time.ts';

test('the middle of some runs is not moved by one disturbance', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([1, 2, 4, 900]), 3);
  t.is(median([7]), 7);
  t.is(median([]), Number.NaN);
});

test('the standard error is the deviation of a sample over the root of its size', (t) => {
  // Squares from the mean 5: 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32.
  const eight = standardError([2, 4, 4, 4, 5, 5, 7, 9]);
  t.true(Math.abs(eight - Math.sqrt(32 / 7 / 8)) < 1e-12);
  t.is(standardError([5, 5, 5]), 0);
  t.is(standardError([5]), Number.NaN, 'one run says nothing about its error');
});

test('the time of this process grows with what it does', async (t) => {
  const before = await cpuTime();
  // 60 ms are six of the ticks that it is counted in.
  const until = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < until);
  t.true((await cpuTime()) > before);
});
