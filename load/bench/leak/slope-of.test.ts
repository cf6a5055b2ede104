import test from 'ava';
import { slopeOf } from './slope-of.ts';

test('the slope of points on a line, around one, and of none', (t) => {
  const on = [1, 2, 3, 4].map((x) => ({ x, y: 5 + 3 * x }));
  t.deepEqual(slopeOf(on), { slope: 3, error: 0 });
  t.is(slopeOf(on.map(({ x, y }, n) => ({ x, y: y + (n % 3 === 0 ? 1 : -1) }))).slope, 3);
  t.deepEqual(slopeOf(on.map(({ x }) => ({ x, y: 7 }))), { slope: 0, error: 0 });
  t.deepEqual(slopeOf([]), { slope: 0, error: 0 });
  t.deepEqual(slopeOf([{ x: 1, y: 2 }]), { slope: 0, error: 0 });
});

test('the error says how far the slope can be trusted', (t) => {
  // Off by 1, -1, -1, 1 at x of 1 to 4: the sum of squares is 4, over 2 degrees of freedom and a spread of 5.
  const { error } = slopeOf([1, -1, -1, 1].map((off, n) => ({ x: n + 1, y: off })));
  t.true(Math.abs(error - Math.sqrt(4 / 2 / 5)) < 1e-12);
});
