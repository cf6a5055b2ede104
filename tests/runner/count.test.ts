import test from 'ava';
import { countTests, failuresOf } from './count.ts';

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

test('where a test failed those that passed are counted one by one', (t) => {
  const output =
    '\n  ✔ a › one (3ms)\n  ✘ [fail]: a › two ✔ Error\n  ✔ b › three\n  ─\n\n  a › two\n\n  1 test failed\n';
  t.deepEqual(countTests(output, 1), { passed: 2, failed: 1, skipped: 0 });
});

test('what failed is told once more: what ava says after its rule, the last lines of any other program', (t) => {
  t.is(
    failuresOf('  ✔ a › one\n  ✘ [fail]: a › two\n  ─\n\n  a › two\n\n  1 test failed\n'),
    'a › two\n\n  1 test failed',
  );
  t.is(failuresOf('shared/x.ts:1:1 wrong\n'), 'shared/x.ts:1:1 wrong');
  const many = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n');
  t.regex(failuresOf(many), /^line 350\n.*line 499$/s);
  t.regex(failuresOf(`  ─\n${many}`), /^line 0\n.*line 149\n\(350 further lines: above\)$/s);
});
