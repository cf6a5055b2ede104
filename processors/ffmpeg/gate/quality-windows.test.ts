import test from 'ava';
import { qualityWindows } from './quality-windows.ts';

test('short videos are compared whole, long ones in at most six seconds, within their bounds', (t) => {
  t.deepEqual(qualityWindows(0.1), [{ from_s: 0, length_s: 0.1 }]);
  for (const duration of [1.5, 10, 59, 61, 600, 40_000]) {
    const windows = qualityWindows(duration);
    const total = windows.reduce((sum, { length_s }) => sum + length_s, 0);
    t.true(total >= 1 && total <= 6.000001, `${duration}: ${total}`);
    for (const { from_s, length_s } of windows) t.true(from_s >= 0 && from_s + length_s <= duration);
  }
  t.is(qualityWindows(600).length, 3);
});
