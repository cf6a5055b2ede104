import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Counts, countTests } from './count.ts';
import type { Phase } from './phases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs one phase with its output passed on, and counts. */
export async function runPhase(
  { command: [program, ...args], counts }: Phase,
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const child = spawn(`${ROOT}node_modules/.bin/${program}`, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  const [code, signal]: [number | null, NodeJS.Signals | null] = (await once(child, 'close')) as [
    number | null,
    NodeJS.Signals | null,
  ];
  const exitCode = code ?? (signal ? 1 : 0);
  if (counts) return countTests(output, exitCode);
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
