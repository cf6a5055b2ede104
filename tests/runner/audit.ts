import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Counts } from './count.ts';

/** What pnpm says where the registry gives no answer to this question: mirrors often do not. */
const NO_ANSWER = /ERR_PNPM_AUDIT_BAD_RESPONSE|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/;

/**
 * Asks the registry for known vulnerabilities of what is installed: high and critical ones fail.
 * Skipped, and said so, where the registry does not answer.
 */
export async function audit(): Promise<Counts> {
  // Set by pnpm for the scripts that it runs.
  const pnpm = process.env.npm_execpath;
  const [command, args] = pnpm?.endsWith('js') ? [process.execPath, [pnpm]] : [pnpm ?? 'pnpm', []];
  try {
    const { stdout } = await promisify(execFile)(command, [...args, 'audit', '--audit-level', 'high'], {
      timeout: 60_000,
    });
    process.stdout.write(stdout);
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    const said =
      error instanceof Error && 'stdout' in error && 'stderr' in error
        ? `${error.stdout}${error.stderr}`
        : String(error);
    if (NO_ANSWER.test(said)) {
      process.stdout.write('Skipped: the registry does not answer audits.\n');
      return { passed: 0, failed: 0, skipped: 1 };
    }
    process.stdout.write(said);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
