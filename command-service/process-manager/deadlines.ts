import type { Pool } from 'pg';

export interface Deadline {
  job_id: string;
  task_id: string;
  epoch: number;
  /** What comes due: the end of a running attempt's lease, the next attempt, or the wait for somebody to start one. */
  kind: 'lease' | 'retry' | 'dispatch';
  due_at: Date;
  partition: number;
  /** Of the job: the event that set this timer. */
  revision: number;
}

export interface Heartbeat {
  job_id: string;
  task_id: string;
  epoch: number;
  due_at: Date;
}

/** How long another process manager leaves a deadline alone that one has just taken. */
const CLAIM = '5 seconds';

/** The durable timers, in the schema `process_manager`. */
export function createDeadlines(pool: Pool) {
  return {
    /** An event of an earlier revision never replaces the timer of a later one. */
    async set({ job_id, task_id, epoch, kind, due_at, partition, revision }: Deadline): Promise<void> {
      await pool.query(
        `insert into process_manager.deadline (job_id, task_id, epoch, kind, due_at, partition, revision)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (job_id, task_id) do update set epoch = excluded.epoch, kind = excluded.kind,
           due_at = excluded.due_at, partition = excluded.partition, revision = excluded.revision
         where deadline.revision < excluded.revision`,
        [job_id, task_id, epoch, kind, due_at, partition, revision],
      );
    },
    /** Timers that were set up to this revision; without a task, of the whole job. */
    async clear(job_id: string, revision: number, task_id?: string): Promise<void> {
      await pool.query(
        `delete from process_manager.deadline
         where job_id = $1 and revision <= $2 and ($3::text is null or task_id = $3)`,
        [job_id, revision, task_id ?? null],
      );
    },
    /** Heartbeats extend leases, never shorten them; of several for one attempt the last one counts. */
    async extend(heartbeats: readonly Heartbeat[]): Promise<void> {
      await pool.query(
        `update process_manager.deadline set due_at = beat.due_at
         from (
           select job_id, task_id, epoch, max(due_at) as due_at
           from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[]) as beats (job_id, task_id, epoch, due_at)
           group by job_id, task_id, epoch) as beat
         where deadline.job_id = beat.job_id and deadline.task_id = beat.task_id and deadline.epoch = beat.epoch
           and deadline.kind = 'lease' and deadline.due_at < beat.due_at`,
        [
          heartbeats.map((beat) => beat.job_id),
          heartbeats.map((beat) => beat.task_id),
          heartbeats.map((beat) => beat.epoch),
          heartbeats.map((beat) => beat.due_at),
        ],
      );
    },
    /** Takes what is due: nobody else gets it for five seconds, and it comes again if the taker dies. */
    async takeDue(
      kinds: readonly Deadline['kind'][],
      partitions: readonly number[],
      limit: number,
    ): Promise<Deadline[]> {
      const { rows } = await pool.query<Deadline>(
        `update process_manager.deadline set due_at = now() + interval '${CLAIM}'
         where (job_id, task_id) in (
           select job_id, task_id from process_manager.deadline
           where due_at <= now() and kind = any($1) and partition = any($2::int[])
           order by due_at limit $3 for update skip locked)
         returning *`,
        [kinds, partitions, limit],
      );
      return rows;
    },
    /** No worker from before is alive: every lease ends now. */
    async endLeases(): Promise<void> {
      await pool.query(`update process_manager.deadline set due_at = now() where kind = 'lease'`);
    },
  };
}

export type Deadlines = ReturnType<typeof createDeadlines>;
