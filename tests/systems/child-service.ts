import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Tests call as fast as they can; those of the limits set their own. */
const UNLIMITED = {
  RATE_LIMIT_PER_MINUTE: '0',
  RATE_LIMIT_PER_ADDRESS: '0',
  RATE_LIMIT_FAILED_KEYS: '0',
  RATE_LIMIT_PLAYBACK: '0',
};

export interface ChildService {
  pid: number;
  /** Everything that it has printed so far. */
  output(): string;
  /** Resolves with the first match in its output. Rejects, with the output, when it ends before or the deadline passes. */
  printed(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name. */
  exited: Promise<number | NodeJS.Signals>;
}

/** Starts one of the project's programs, as a user would, from the repository's root. */
export function startChild(
  script: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): ChildService {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...UNLIMITED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const watchers = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    text += chunk.toString();
    for (const check of watchers) check();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const exited = once(child, 'exit').then(([code, signal]) => {
    for (const check of watchers) check();
    return (code ?? signal) as number | NodeJS.Signals;
  });
  return {
    pid: child.pid ?? -1,
    output: () => text,
    exited,
    kill: (signal) => child.kill(signal),
    printed: (pattern, deadlineMs = 60_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(check);
          settle();
        };
        const fail = (why: string) =>
          finish(() => reject(new Error(`${script} ${why} before it printed ${pattern}:\n${text}`)));
        const check = () => {
          const match = pattern.exec(text);
          if (match) finish(() => resolve(match));
          else if (child.exitCode !== null || child.signalCode !== null)
            fail(`ended (${child.exitCode ?? child.signalCode})`);
        };
        const timer = setTimeout(() => fail(`took ${deadlineMs} ms`), deadlineMs);
        watchers.add(check);
        check();
      }),
  };
}

/** SIGTERM, and the exit code that a clean end has. */
export async function stopCleanly(name: string, child: ChildService): Promise<void> {
  child.kill('SIGTERM');
  const code = await child.exited;
  if (code !== 0) throw new Error(`${name} ended with ${code} after SIGTERM:\n${child.output()}`);
}
