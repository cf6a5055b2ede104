import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const INSTALL_TIMEOUT_MS = 5 * 60_000;

export interface PythonProgram {
  /** Its name in the virtual environment's `bin`. */
  program: string;
  /** Packages on PyPI with their versions; the first one names the cache folder. */
  packages: readonly [{ name: string; version: string }, ...{ name: string; version: string }[]];
  /** Arguments that make it end at once with status 0, where it is installed. */
  proof: readonly string[];
}

/**
 * A program from PyPI, installed once into a virtual environment in the cache folder.
 * @returns the program's path
 * @throws {Error} whose message says in one line why there is none
 */
export async function findPythonProgram({ program: name, packages, proof }: PythonProgram): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'transcodeflow', `${packages[0].name}-${packages[0].version}`);
  const program = join(folder, 'bin', name);
  // Asked, not looked for: an installation may have been cut short.
  if (await works(program, proof)) return program;
  if (!(await works('python3', ['-m', 'venv', '--help'])))
    throw new Error(`There is no Python with the module venv to install ${name} with`);
  await mkdir(folder, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', '--clear', folder]);
    const wanted = packages.map((each) => `${each.name}==${each.version}`);
    const pip = ['install', '--quiet', '--disable-pip-version-check', ...wanted];
    await run(join(folder, 'bin', 'pip'), pip, { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`${name} could not be installed: ${said.trim().split('\n').at(-1)}`, { cause: error });
  }
  return program;
}

const works = (command: string, args: readonly string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );
