/** One step of `pnpm test`. */
export interface Phase {
  name: string;
  /** Arguments of the program in `node_modules/.bin` that runs it. */
  command: readonly [program: string, ...args: string[]];
  /** Whether its output ends with ava's counts; other steps count as one test. */
  counts: boolean;
  /** Needs containers: left out, and said so, where there is no Docker. */
  needsDocker?: boolean;
}

const ava = (name: string, ...args: string[]): Phase => ({ name, command: ['ava', ...args], counts: true });

/** In this order: what is quick to fail comes first. */
export const phases: readonly Phase[] = [
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '.'], counts: false },
  { name: 'unused', command: ['knip'], counts: false },
  { name: 'types', command: ['tsc', '--noEmit'], counts: false },
  ava(
    'unit',
    '{shared,command-service,query-service,processors,projections,infra,load,tests/runner}/**/*.test.ts',
  ),
  ava('contracts', 'tests/contracts/**/*.test.ts'),
  { ...ava('integration', '--serial', 'tests/integration/**/*.test.ts'), needsDocker: true },
  ava('e2e', '--serial', '--timeout=10m', 'tests/e2e/*.test.ts', '!tests/e2e/{real-stack,compose}.test.ts'),
  ava('inputs', '--serial', '--timeout=5m', 'tests/inputs/inputs.test.ts'),
  { ...ava('real-stack', '--timeout=10m', 'tests/e2e/real-stack.test.ts'), needsDocker: true },
  { ...ava('chaos', '--serial', '--timeout=10m', 'tests/chaos/*.test.ts'), needsDocker: true },
  { ...ava('compose', '--timeout=15m', 'tests/e2e/compose.test.ts'), needsDocker: true },
];
