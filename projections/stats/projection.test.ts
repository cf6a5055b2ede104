import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test from 'ava';
import fc from 'fast-check';
import { createTables } from '../projector/create-tables.ts';
import { envelopes, events } from '../testing/histories.ts';
import { statsProjection } from './projection.ts';

/** Whole lives of jobs; each is cut somewhere. */
const run: JobEvent[] = [events.scheduled('inspect'), events.started('inspect'), events.succeeded('inspect')];
const lives: JobEvent[][] = [
  [...run, events.completed],
  [...run, events.completed, events.deleted],
  [...run, events.jobFailed, events.retried, ...run, events.completed, events.deleted],
  [events.scheduled('inspect'), events.cancelled, events.deleted],
  [...run, events.jobFailed, events.retried, events.scheduled('inspect', 2), events.deleted],
];

const job = fc.record({
  account: fc.constantFrom('anna', 'bert'),
  bytes: fc.nat(5_000_000),
  life: fc.constantFrom(...lives),
  length: fc.nat(12),
});
const world = fc.record({
  jobs: fc.array(job, { maxLength: 8 }),
  batch: fc.integer({ min: 1, max: 7 }),
  order: fc.infiniteStream(fc.nat(7)),
  repeat: fc.nat(3),
});

type Figures = Record<
  string,
  { jobs: number; source_bytes: number; output_bytes: number; turnaround_ms: number }
>;

/** What a person would count, job by job. */
function naive(
  jobs: readonly { account: string; bytes: number; history: readonly JobEventEnvelope[] }[],
): Figures {
  const figures: Figures = {};
  for (const { account, bytes, history } of jobs) {
    const ends: Record<string, string> = {
      JobRequested: 'queued',
      TaskStarted: 'processing',
      JobCompleted: 'completed',
      JobFailed: 'failed',
      JobCancelled: 'cancelled',
      JobRetried: 'queued',
      JobDeleted: 'deleted',
    };
    const status = history.map(({ event }) => ends[event.type]).findLast((found) => found !== undefined);
    const completion = history.find(({ event }) => event.type === 'JobCompleted');
    const row = figures[`${account} ${status}`] ?? {
      jobs: 0,
      source_bytes: 0,
      output_bytes: 0,
      turnaround_ms: 0,
    };
    figures[`${account} ${status}`] = row;
    row.jobs += 1;
    row.source_bytes += bytes;
    row.output_bytes += completion && status !== 'deleted' ? 2_500 : 0;
    row.turnaround_ms += completion ? Date.parse(completion.time) - Date.parse(history[0]!.time) : 0;
  }
  return figures;
}

test('the sums are what counting all jobs gives, over random histories, batches and repetitions', async (t) => {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 2, log: silentLogger });
  t.teardown(() => pool.end());
  await createTables(pool, url, [statsProjection], silentLogger);
  await fc.assert(
    fc.asyncProperty(world, async ({ jobs, batch, order, repeat }) => {
      await pool.query('truncate read_model.stats, read_model.stats_share');
      const all = jobs.map(({ account, bytes, life, length }, index) => {
        const id = `019b7a11-7000-7000-8000-00000000000${index}`;
        const first = events.requested(id, {
          account_id: account,
          source: { key: 'k', size_bytes: bytes, content_type: 'video/mp4' },
        });
        return { account, bytes, history: envelopes(id, [first, ...life].slice(0, 1 + length)) };
      });
      // The jobs' events mixed, each job's own in order.
      const waiting = all.map(({ history }) => [...history]);
      const mixed: JobEventEnvelope[] = [];
      for (const choice of order) {
        const open = waiting.filter((rest) => rest.length > 0);
        if (open.length === 0) break;
        mixed.push(open[choice % open.length]!.shift()!);
      }
      const apply = (part: JobEventEnvelope[]) =>
        transaction(pool, async (client) => {
          await client.query('set local search_path to read_model');
          await statsProjection.apply(client, part);
        });
      for (let start = 0; start < mixed.length; start += batch) {
        await apply(mixed.slice(start, start + batch));
        if (repeat > 0) await apply(mixed.slice(Math.max(0, start - repeat), start + batch));
      }
      const { rows } = await pool.query(
        'select * from read_model.stats where jobs <> 0 or source_bytes <> 0 or output_bytes <> 0 or turnaround_ms <> 0',
      );
      const kept = Object.fromEntries(
        rows.map((row) => [
          `${row.account_id} ${row.status}`,
          {
            jobs: Number(row.jobs),
            source_bytes: Number(row.source_bytes),
            output_bytes: Number(row.output_bytes),
            turnaround_ms: Number(row.turnaround_ms),
          },
        ]),
      );
      t.deepEqual(kept, naive(all));
    }),
    { numRuns: 40 },
  );
});
