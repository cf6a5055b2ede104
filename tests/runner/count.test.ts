import test from 'ava';
import { countTests } from './count.ts';

test("ava's closing lines are counted", (t) => {
  t.deepEqual(countTests('  ─\n\n  1 test failed\n  12 tests passed\n  2 tests skipped\n', 1), {
    passed: 12,
    failed: 1,
    skipped: 2,
  });
});

test('a run that ends badly without a failed test is a failure', (t) => {
  t.deepEqual(countTests('  3 tests passed\n', 1), { passed: 3, failed: 1, skipped: 0 });
  t.deepEqual(countTests('', 1), { passed: 0, failed: 1, skipped: 0 });
});
