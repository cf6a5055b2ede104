import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '4.32.5';
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/**
 * Schemathesis (https://schemathesis.readthedocs.io), installed once into a virtual environment in the cache folder.
 * @returns the path of its program
 * @throws {Error} whose message says in one line why there is none
 */
export async function findSchemathesis(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'transcodeflow', `schemathesis-${VERSION}`);
  const program = join(folder, 'bin', 'schemathesis');
  // Asked, not looked for: an installation may have been cut short.
  if (await works(program, ['--version'])) return program;
  if (!(await works('python3', ['-m', 'venv', '--help'])))
    throw new Error('there is no Python with the module venv to install Schemathesis with');
  await mkdir(folder, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', '--clear', folder]);
    const pip = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
    await run(join(folder, 'bin', 'pip'), pip, { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`Schemathesis could not be installed: ${said.trim().split('\n').at(-1)}`, {
      cause: error,
    });
  }
  return program;
}

const works = (command: string, args: readonly string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );
