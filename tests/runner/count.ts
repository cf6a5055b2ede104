export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** ava's closing lines, such as `  12 tests passed` or `  1 uncaught exception`, and what each counts as. */
const LINES: readonly [RegExp, keyof Counts][] = [
  [/^ *(\d+) tests? passed/, 'passed'],
  [/^ *(\d+) (?:tests?|hooks?) failed/, 'failed'],
  [/^ *(\d+) (?:uncaught exceptions?|unhandled rejections?|tests? remained pending)/, 'failed'],
  [/^ *(\d+) tests? (?:skipped|todo)/, 'skipped'],
];

/** A test that passed, as ava tells it while it runs. */
const PASSED = /^ *✔ /;

/**
 * Reads ava's counts out of what it printed. A run that exited badly without a failed test counts as one failure.
 * Where a test failed ava leaves out how many passed: their lines are counted then.
 */
export function countTests(output: string, exitCode: number): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const lines = output.split('\n');
  for (const line of lines)
    for (const [pattern, kind] of LINES) {
      const match = pattern.exec(line);
      if (match) counts[kind] += Number(match[1]);
    }
  if (counts.passed === 0) counts.passed = lines.filter((line) => PASSED.test(line)).length;
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** ava's rule between what went on and what failed. */
const RULE = /^ *─$/m;
const REPEATED_LINES = 150;

/** What a failed step said of its failures: what stands after ava's rule, or the last lines of any other output. */
export function failuresOf(output: string): string {
  const [, ...after] = output.split(RULE);
  const lines = (after.length > 0 ? after.join('') : output).trim().split('\n');
  if (lines.length <= REPEATED_LINES) return lines.join('\n');
  // ava's first lines after the rule are the first failure; any other program tells what is wrong last.
  return after.length > 0
    ? [...lines.slice(0, REPEATED_LINES), `(${lines.length - REPEATED_LINES} further lines: above)`].join(
        '\n',
      )
    : lines.slice(-REPEATED_LINES).join('\n');
}
