import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Counts } from './count.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKSPACES = [
  'shared',
  'command-service',
  'query-service',
  'processors',
  'projections',
  'infra/standalone',
];
const FLOOR = 80;

/** Where every Node process of the suites leaves what it covered. */
export const coverageFolder = `${ROOT}coverage/tmp`;

/** Lines covered, workspace by workspace, each against the floor. */
export function checkCoverage(): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const workspace of WORKSPACES) {
    const args = [
      ...[
        'report',
        '--all',
        '--temp-directory',
        coverageFolder,
        '--src',
        workspace,
        '--include',
        `${workspace}/**/*.ts`,
      ],
      ...['--exclude', '**/*.test.ts', '--exclude', '**/testing/**', '--exclude', '**/node_modules/**'],
      ...['--reporter', 'text-summary', '--check-coverage', '--lines', String(FLOOR)],
    ];
    const { status, stdout, stderr } = spawnSync(`${ROOT}node_modules/.bin/c8`, args, {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const lines = /Lines\s*:\s*([\d.]+%[^\n]*)/.exec(stdout)?.[1] ?? `no figure: ${stderr}`;
    process.stdout.write(
      `  ${workspace}: lines ${lines}${status === 0 ? '' : `, the floor is ${FLOOR} %`}\n`,
    );
    counts[status === 0 ? 'passed' : 'failed'] += 1;
  }
  return counts;
}
