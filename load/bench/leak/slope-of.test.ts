import test from 'ava';
import { slopeOf } from './slope-of.ts';

test('the slope of points on a line, around one, and of none', (t) => {
  const on = [1, 2, 3, 4].map((x) => ({ x, y: 5 + 3 * x }));
  t.is(slopeOf(on), 3);
  t.is(slopeOf(on.map(({ x, y }, n) => ({ x, y: y + (n % 3 === 0 ? 1 : -1) }))), 3);
  t.is(slopeOf(on.map(({ x }) => ({ x, y: 7 }))), 0);
  t.is(slopeOf([]), 0);
  t.is(slopeOf([{ x: 1, y: 2 }]), 0);
});
