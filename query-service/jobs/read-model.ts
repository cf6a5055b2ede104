import type { JobDocument, JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Pool } from 'pg';

export interface ListQuery {
  accountId: string;
  status: JobStatus | undefined;
  page: number;
  perPage: number;
}

export interface HistoryEntry {
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

    /** Newest first; deleted jobs are left out. */
    async jobs({
      accountId,
      status,
      page,
      perPage,
    }: ListQuery): Promise<{ jobs: JobDocument[]; total: number }> {
      const where = `account_id = $1 and status <> 'deleted' and ($2::text is null or status = $2)`;
      const [{ rows }, total] = await Promise.all([
        pool.query<{ document: JobDocument }>(
          `select document from read_model.job where ${where} order by created_at desc, job_id desc limit $3 offset $4`,
          [accountId, status ?? null, perPage, (page - 1) * perPage],
        ),
        pool.query<{ jobs: string }>(
          `select coalesce(sum(jobs), 0) as jobs from read_model.stats
           where account_id = $1 and status <> 'deleted' and ($2::text is null or status = $2)`,
          [accountId, status ?? null],
        ),
      ]);
      return { jobs: rows.map((row) => row.document), total: Number(total.rows[0]?.jobs ?? 0) };
    },

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
        `select revision, event_id as id, type, time, data, correlation_id
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
