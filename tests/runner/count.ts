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

/** Reads ava's counts out of what it printed. A run that exited badly without a failed test counts as one failure. */
export function countTests(output: string, exitCode: number): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of output.split('\n'))
    for (const [pattern, kind] of LINES) {
      const match = pattern.exec(line);
      if (match) counts[kind] += Number(match[1]);
    }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}
