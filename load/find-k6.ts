import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const IMAGE = 'grafana/k6:latest';
const VERSION = 'v1.8.1';
/** On two cores it takes about three minutes. */
const BUILD_TIMEOUT_MS = 10 * 60_000;

/** How to start k6. */
export interface K6 {
  origin: string;
  command: string;
  /**
   * What stands before k6's own arguments.
   * @param folder with the scripts
   * @param variables names of the environment variables that they read
   */
  prefix(folder: string, variables: readonly string[]): string[];
  /** Where k6 sees the folder. */
  scripts(folder: string): string;
}

export interface FindOptions {
  /** Whether Go may build it, which takes minutes the first time. Default: true. */
  build?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * k6 from PATH, else its Docker image if it is there (none is fetched), else built by Go from the module proxy, once,
 * into the cache folder.
 * @throws {Error} whose message says in one line why there is none
 */
export async function findK6({ build: mayBuild = true, signal }: FindOptions = {}): Promise<K6> {
  if (await works('k6', ['version'])) return installed('k6', 'PATH');
  if (await works('docker', ['image', 'inspect', IMAGE])) return inDocker;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'transcodeflow', `k6-${VERSION}`);
  const binary = join(folder, 'k6');
  // Asked, not looked for: a build may have been cut short.
  if (!(await works(binary, ['version']))) await build(folder, mayBuild, signal);
  return installed(binary, 'Go module');
}

const installed = (command: string, origin: string): K6 => ({
  origin,
  command,
  prefix: () => [],
  scripts: (folder) => folder,
});

const inDocker: K6 = {
  origin: `Docker image ${IMAGE}`,
  command: 'docker',
  // The host's network, because the targets are on its loopback. Variables by name: values stay out of the process list.
  prefix: (folder, variables) => [
    ...['run', '--rm', '--pull', 'never', '--network', 'host', '--volume', `${folder}:/load:ro`],
    ...variables.flatMap((name) => ['--env', name]),
    IMAGE,
  ],
  scripts: () => '/load',
};

async function build(folder: string, may: boolean, signal: AbortSignal | undefined): Promise<void> {
  const none = 'there is no k6 on PATH and no Docker image of it';
  if (!may) throw new Error(`${none}, and it was not to be built`);
  if (!(await works('go', ['version']))) throw new Error(`${none}, and no Go to build it`);
  await mkdir(folder, { recursive: true });
  const options = { env: { ...process.env, GOBIN: folder }, signal, timeout: BUILD_TIMEOUT_MS };
  await run('go', ['install', `go.k6.io/k6@${VERSION}`], options).catch((error) => {
    signal?.throwIfAborted();
    const lines = String(error.stderr || error.message)
      .trim()
      .split('\n');
    throw new Error(`${none}, and Go could not build it: ${lines.at(-1)}`, { cause: error });
  });
}

const works = (command: string, args: string[]): Promise<boolean> =>
  run(command, args, { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
