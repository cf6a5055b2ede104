import { readFile } from 'node:fs/promises';

/** Ticks per second of `/proc`: the kernel's USER_HZ, 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Seconds of CPU that this process and all its children that have ended have used, user and system. Linux only: reads
 * `/proc/self/stat` (fields 14 to 17, proc(5)).
 */
export async function cpuTime(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  // The second field is a name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

export interface Spent {
  cpu_s: number;
  wall_s: number;
}

/** Does something, and says what it took. */
export async function timed<T>(work: () => Promise<T>): Promise<Spent & { result: T }> {
  const cpu = await cpuTime();
  const started = performance.now();
  const result = await work();
  const wall_s = (performance.now() - started) / 1_000;
  return { result, wall_s, cpu_s: (await cpuTime()) - cpu };
}

/** Of the middle of some runs, which one disturbance does not move. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.slice((sorted.length - 1) >> 1, middle + 1);
  return (low + high) / 2;
}

/** Of the mean of some runs: how far the disturbances may have moved it. */
export function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
