import type { JobDocument, JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Pool } from 'pg';
import { countJobs, type ListedJobs, listJobs, type Slice } from './list/list-jobs.ts';
import type { Filters } from './list/matching.ts';

export interface HistoryEntry {
  job_id: string;
  revision: number;
  id: string;
  type: string;
  time: string;
  data: unknown;
  correlation_id: string;
}

export interface StatusFigures {
  status: JobStatus;
  jobs: number;
  source_bytes: number;
  output_bytes: number;
  turnaround_ms: number;
}

/** Reads the tables that the projections write, in the schema `read_model`. */
export function createReadModel(pool: Pool) {
  return {
    async job(jobId: string): Promise<JobDocument | undefined> {
      const { rows } = await pool.query<{ document: JobDocument }>({
        name: 'job',
        text: 'select document from read_model.job where job_id = $1',
        values: [jobId],
      });
      return rows[0]?.document;
    },

    list: (slice: Slice): Promise<ListedJobs> => listJobs(pool, slice),
    count: (accountId: string, filters: Filters): Promise<number> => countJobs(pool, accountId, filters),

    async figures(accountId: string): Promise<StatusFigures[]> {
      const { rows } = await pool.query<
        { status: JobStatus } & Record<Exclude<keyof StatusFigures, 'status'>, string>
      >(
        'select status, jobs, source_bytes, output_bytes, turnaround_ms from read_model.stats where account_id = $1',
        [accountId],
      );
      return rows.map((row) => ({
        status: row.status,
        jobs: Number(row.jobs),
        source_bytes: Number(row.source_bytes),
        output_bytes: Number(row.output_bytes),
        turnaround_ms: Number(row.turnaround_ms),
      }));
    },

    async history(jobId: string): Promise<HistoryEntry[]> {
      const { rows } = await pool.query<HistoryEntry & { time: Date }>(
        `select job_id, revision, event_id as id, type, time, data, correlation_id
         from read_model.history where job_id = $1 order by revision`,
        [jobId],
      );
      return rows.map((row) => ({ ...row, time: row.time.toISOString() }));
    },

    async ping(): Promise<void> {
      await pool.query('select 1');
    },
  };
}

export type ReadModel = ReturnType<typeof createReadModel>;
