import { rounded } from '../cpu-time.ts';
import type { Footprint } from './footprint.ts';
import { slopeOf } from './slope-of.ts';

const MiB = 1_048_576;

/**
 * What a hundred jobs may add. Heap: 4 KiB a job, for ids and revisions of the latest 10,000 jobs and tasks, which caches
 * remember and 500 jobs do not fill: under half of that was measured. A job's document (4 KiB) that is kept beside them passes
 * the limit. Code: 4 KiB a job, while functions are still compiled better; a schema that is built anew with each job passes
 * it. All memory: 40 KiB a job, for allocators give back late and in large pieces; a stream's buffer
 * (64 KiB) kept with each job passes it. The rest are whole things: a job leaves none behind, and one in fifty jobs would
 * be too many.
 */
const LIMITS = {
  heap_mib: { of: ({ heap }) => heap / MiB, at_most: 0.4 },
  code_mib: { of: ({ code }) => code / MiB, at_most: 0.4 },
  pss_mib: { of: ({ pss }) => pss / MiB, at_most: 4 },
  handles: { of: ({ handles }) => handles, at_most: 2 },
  open_files: { of: ({ open_files }) => open_files, at_most: 2 },
  postgres_connections: { of: ({ postgres_connections }) => postgres_connections, at_most: 2 },
} satisfies Record<string, { of: (footprint: Footprint) => number; at_most: number }>;

/** Caches fill and code is compiled during the first jobs. */
const WARM_UP = 1 / 5;

/** `unsure`: what it may be off reaches over the limit; more jobs, or a quieter machine, would tell. */
export type Verdict = 'flat' | 'grows' | 'unsure';

export interface Growth {
  /** What a hundred jobs add, give or take twice its standard error, from a fifth of the jobs on. */
  per_100_jobs: Record<string, { grows_by: number; give_or_take: number; at_most: number; verdict: Verdict }>;
  flat: boolean;
}

export function growthOf(samples: readonly (Footprint & { jobs: number })[]): Growth {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const per_100_jobs = Object.fromEntries(
    Object.entries(LIMITS).map(([name, { of, at_most }]) => {
      const { slope, error } = slopeOf(warm.map((sample) => ({ x: sample.jobs / 100, y: of(sample) })));
      const [least, most] = [slope - 2 * error, slope + 2 * error];
      const verdict: Verdict = most <= at_most ? 'flat' : least > at_most ? 'grows' : 'unsure';
      return [name, { grows_by: rounded(slope), give_or_take: rounded(2 * error), at_most, verdict }];
    }),
  );
  return { per_100_jobs, flat: Object.values(per_100_jobs).every(({ verdict }) => verdict === 'flat') };
}
