import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Counts, countTests, failuresOf } from './count.ts';
import type { Phase } from './phases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How a phase went. */
export interface PhaseResult {
  counts: Counts;
  /** What it said of its failures; empty where there were none. */
  failures: string;
}

/** Runs one phase with its output passed on, and counts. */
export async function runPhase(
  { command: [program, ...args], counts: countsTests }: Phase,
  env: NodeJS.ProcessEnv,
): Promise<PhaseResult> {
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
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stderr.write(chunk);
  });
  const [code, signal]: [number | null, NodeJS.Signals | null] = (await once(child, 'close')) as [
    number | null,
    NodeJS.Signals | null,
  ];
  const exitCode = code ?? (signal ? 1 : 0);
  const counts = countsTests
    ? countTests(output, exitCode)
    : { passed: Number(exitCode === 0), failed: Number(exitCode !== 0), skipped: 0 };
  return { counts, failures: counts.failed > 0 ? failuresOf(output) : '' };
}
