import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Sort, SortKey } from '@transcodeflow/shared/contracts/rest/job-list.ts';
import { sortName } from '@transcodeflow/shared/read-model/searchable.ts';
import type { Pool } from 'pg';
import type { Cursor } from './cursor.ts';
import { type Filters, matching } from './matching.ts';

/** The column of each order; ties go by the job's id. Each has an index that is read in either direction. */
const columns: Readonly<Record<SortKey, { column: string; type: string; of(job: JobDocument): string }>> = {
  created_at: { column: 'created_at', type: 'timestamptz', of: (job) => job.created_at },
  updated_at: { column: 'updated_at', type: 'timestamptz', of: (job) => job.updated_at },
  filename: { column: 'sort_name', type: 'text', of: (job) => sortName(job.filename) },
  status: { column: 'status', type: 'text', of: (job) => job.status },
  size: { column: 'source_bytes', type: 'bigint', of: (job) => String(job.source_bytes) },
};

export interface ListedJobs {
  jobs: JobDocument[];
  /** Where the list goes on, and where it came from; absent where there is nothing. */
  next?: Cursor;
  previous?: Cursor;
}

export interface Slice {
  accountId: string;
  filters: Filters;
  sort: Sort;
  perPage: number;
  /** Rows to skip, or the place to go on at. */
  from: number | Cursor;
}

/** One page of an account's jobs; deleted ones are left out. */
export async function listJobs(
  pool: Pool,
  { accountId, filters, sort, perPage, from }: Slice,
): Promise<ListedJobs> {
  const { column, type, of } = columns[sort.key];
  const { where, values } = matching(accountId, filters);
  const cursor = typeof from === 'number' ? undefined : from;
  // Before a row is read backwards from it, and turned round afterwards.
  const backwards = cursor?.side === 'before';
  const descending = sort.descending !== backwards;
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const beyond = cursor
    ? `and (${column}, job_id) ${descending ? '<' : '>'} (${parameter(cursor.value)}::${type}, ${parameter(cursor.id)}::uuid)`
    : '';
  const direction = descending ? 'desc' : 'asc';
  const { rows } = await pool.query<{ document: JobDocument }>(
    // Documents are read for the page only: what is skipped is counted in the index.
    `with page as (
       select job_id, ${column} from read_model.job where ${where} ${beyond}
       order by ${column} ${direction}, job_id ${direction}
       limit ${parameter(perPage + 1)} offset ${parameter(typeof from === 'number' ? from : 0)}
     )
     select document from page join read_model.job using (job_id)
     order by page.${column} ${direction}, page.job_id ${direction}`,
    values,
  );
  const jobs = rows.slice(0, perPage).map(({ document }) => document);
  if (backwards) jobs.reverse();
  const more = rows.length > perPage;
  const at = (job: JobDocument | undefined, side: Cursor['side']): Cursor | undefined =>
    job && { sort: sort.key, descending: sort.descending, value: of(job), id: job.job_id, side };
  const next = backwards || more ? at(jobs.at(-1), 'after') : undefined;
  const previous = (backwards ? more : from !== 0) ? at(jobs[0], 'before') : undefined;
  return { jobs, ...(next ? { next } : {}), ...(previous ? { previous } : {}) };
}

/** How many jobs the filters let through. */
export async function countJobs(pool: Pool, accountId: string, filters: Filters): Promise<number> {
  // Without other filters the figures know: they are kept as sums.
  if (!filters.q && !filters.created_after && !filters.created_before) {
    const { rows } = await pool.query<{ jobs: string }>(
      `select coalesce(sum(jobs), 0) as jobs from read_model.stats
       where account_id = $1 and status <> 'deleted' and ($2::text[] is null or status = any($2))`,
      [accountId, filters.status ?? null],
    );
    return Number(rows[0]?.jobs ?? 0);
  }
  const { where, values } = matching(accountId, filters);
  const { rows } = await pool.query<{ jobs: string }>(
    `select count(*) as jobs from read_model.job where ${where}`,
    values,
  );
  return Number(rows[0]?.jobs ?? 0);
}
