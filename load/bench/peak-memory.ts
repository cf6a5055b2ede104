import { readFile } from 'node:fs/promises';
import { setInterval as every } from 'node:timers/promises';

const SAMPLE_MS = 250;

/**
 * Samples a process's resident memory, in MiB, until `ended` resolves. Linux only: reads `/proc`.
 * @returns the samples, oldest first
 */
export async function sampleMemory(pid: number, ended: Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  let running = true;
  void ended.finally(() => {
    running = false;
  });
  for await (const _ of every(SAMPLE_MS)) {
    if (!running) break;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    if (kibibytes) samples.push(Math.round(Number(kibibytes) / 1_024));
  }
  return samples;
}
