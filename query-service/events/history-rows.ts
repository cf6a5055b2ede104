import type { Pool } from 'pg';

/** A row of the history, as streams need it. */
export interface HistoryRow {
  /** Order of becoming visible, over all jobs: whoever has seen it has seen everything below it. */
  position: number;
  account_id: string;
  job_id: string;
  revision: number;
  type: string;
  /** The entry that the history shows, as JSON on one line. */
  json: string;
}

interface Columns {
  position: string;
  account_id: string;
  job_id: string;
  revision: number;
  event_id: string;
  type: string;
  time: Date;
  data: string;
  correlation_id: string;
}

// The data is text already, and stays it: thousands of streams may get it.
const columns =
  'position, account_id, job_id, revision, event_id, type, time, data::text as data, correlation_id';

const parse = (row: Columns): HistoryRow => ({
  position: Number(row.position),
  account_id: row.account_id,
  job_id: row.job_id,
  revision: row.revision,
  type: row.type,
  json: `${JSON.stringify({
    job_id: row.job_id,
    revision: row.revision,
    id: row.event_id,
    type: row.type,
    time: row.time.toISOString(),
    correlation_id: row.correlation_id,
  }).slice(0, -1)},"data":${row.data.replaceAll(/[\r\n]/g, ' ')}}`,
});

/** Reads the history in the order in which its rows became visible. */
export function createHistoryRows(pool: Pool) {
  const read = async (name: string, text: string, values: unknown[]): Promise<HistoryRow[]> => {
    const { rows } = await pool.query<Columns>({ name, text, values });
    return rows.map(parse);
  };
  return {
    /** The position of the last row; 0 for none. */
    async frontier(): Promise<number> {
      const { rows } = await pool.query<{ position: string }>(
        'select coalesce(max(position), 0) as position from read_model.history',
      );
      return Number(rows[0]?.position ?? 0);
    },
    /** Of all accounts. */
    after: (position: number, limit: number) =>
      read(
        'history after',
        `select ${columns} from read_model.history where position > $1 order by position limit $2`,
        [position, limit],
      ),
    ofAccount: (accountId: string, after: number, upTo: number, limit: number) =>
      read(
        'history of account',
        `select ${columns} from read_model.history where account_id = $1 and position > $2 and position <= $3
         order by position limit $4`,
        [accountId, after, upTo, limit],
      ),
    ofJob: (jobId: string, afterRevision: number, upTo: number, limit: number) =>
      read(
        'history of job',
        `select ${columns} from read_model.history where job_id = $1 and revision > $2 and position <= $3
         order by revision limit $4`,
        [jobId, afterRevision, upTo, limit],
      ),
    /** The newest, in order. */
    async lastOfAccount(accountId: string, limit: number): Promise<HistoryRow[]> {
      const rows = await read(
        'last history of account',
        `select ${columns} from read_model.history where account_id = $1 order by position desc limit $2`,
        [accountId, limit],
      );
      return rows.reverse();
    },
  };
}
export type HistoryRows = ReturnType<typeof createHistoryRows>;
