/** Unit tests sit beside the code they test; `tests/run.ts` runs the suites under tests/ by path. */
export default {
  files: ['**/*.test.ts', '!**/node_modules/**'],
  extensions: ['ts'],
  timeout: '2m',
  workerThreads: false,
};
