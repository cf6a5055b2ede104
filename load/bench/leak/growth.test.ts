import test from 'ava';
import type { Footprint } from './footprint.ts';
import { growthOf, type Verdict } from './growth.ts';

const MiB = 1_048_576;
/** As measured: steady, with what the allocator and idle connections do to the figures. */
const steady = (index: number) => {
  const wobble = [0, 3, -2, 1, -1, 2, -3][index % 7] ?? 0;
  return {
    heap: 80 * MiB + wobble * 50_000,
    code: 10 * MiB + wobble * 5_000,
    pss: 150 * MiB + wobble * 2 * MiB,
    handles: 70 + wobble,
    open_files: 65 + wobble,
    postgres_connections: 28 + wobble,
  };
};
const measured = (extra: (jobs: number) => Partial<Footprint> = () => ({})) =>
  Array.from({ length: 20 }, (_, index) => {
    const jobs = (index + 1) * 25;
    const base = steady(index);
    const more = extra(jobs);
    return {
      jobs,
      heap: base.heap + (more.heap ?? 0),
      code: base.code + (more.code ?? 0),
      pss: base.pss + (more.pss ?? 0),
      handles: base.handles + (more.handles ?? 0),
      open_files: base.open_files + (more.open_files ?? 0),
      postgres_connections: base.postgres_connections + (more.postgres_connections ?? 0),
    };
  });
const found = (verdict: Verdict, extra: (jobs: number) => Partial<Footprint>) =>
  Object.entries(growthOf(measured(extra)).per_100_jobs)
    .filter(([, figure]) => figure.verdict === verdict)
    .map(([name]) => name);
const red = (extra: (jobs: number) => Partial<Footprint>) => found('grows', extra);

test('what only wobbles is flat', (t) => {
  t.true(growthOf(measured()).flat);
});

test('what each job leaves behind is red, in the figure that it is', (t) => {
  t.deepEqual(
    red((jobs) => ({ heap: jobs * 10_240 })),
    ['heap_mib'],
  );
  t.deepEqual(
    red((jobs) => ({ code: jobs * 8_192 })),
    ['code_mib'],
  );
  t.deepEqual(
    red((jobs) => ({ pss: jobs * 102_400 })),
    ['pss_mib'],
  );
  t.deepEqual(
    red((jobs) => ({ handles: jobs / 10, open_files: jobs / 10 })),
    ['handles', 'open_files'],
  );
  t.deepEqual(
    red((jobs) => ({ postgres_connections: jobs / 20 })),
    ['postgres_connections'],
  );
});

test('what cannot be told from growth is called neither, and not passed', (t) => {
  const noisy = (jobs: number) => ({ pss: (jobs % 100 === 0 ? 100 : 0) * MiB });
  t.deepEqual(found('unsure', noisy), ['pss_mib']);
  t.false(growthOf(measured(noisy)).flat);
});

test('what is filled once, in the first jobs, is no leak', (t) => {
  t.deepEqual(
    red((jobs) => ({ heap: Math.min(jobs, 100) * 100_000 })),
    [],
  );
  t.true(growthOf(measured((jobs) => ({ heap: Math.min(jobs, 100) * 100_000 }))).flat);
});
