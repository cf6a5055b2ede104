import type { Pool } from 'pg';

/** A delivery that this dispatcher is to attempt now. */
export interface Claimed {
  delivery_id: string;
  event_id: string;
  endpoint_id: string | null;
  account_id: string;
  job_id: string;
  url: string;
  lane: string;
  /** Number of this attempt; whoever has a later one has taken the delivery over. */
  attempts: number;
  /** Attempts of earlier rounds. */
  attempts_before: number;
  payload: string;
}

/** What came of an attempt. */
export interface Outcome {
  status: 'delivered' | 'failed' | 'pending';
  /** Of a pending one, from now. */
  retryInMs?: number | undefined;
  statusCode?: number | undefined;
  error?: string | undefined;
  /** The beginning of the answer's body. */
  response?: string | undefined;
}

export interface ClaimLimits {
  /** Deliveries at most. */
  most: number;
  /** Under way at once in one lane. */
  perLane: number;
  /** Lane → how many are under way here. */
  busy: ReadonlyMap<string, number>;
  leaseMs: number;
}

/** The deliveries as a dispatcher sees them, in the schema `webhook`. */
export function createDeliveries(pool: Pool) {
  return {
    /**
     * Takes what is due, oldest first, from each lane only as many as it may have under way. Nobody else gets them until
     * the lease ends, and the attempt is in the log before it is made.
     */
    async claim({ most, perLane, busy, leaseMs }: ClaimLimits): Promise<Claimed[]> {
      const { rows } = await pool.query<Claimed>({
        name: 'claim webhook deliveries',
        text: `
          with recursive lanes as (
            (select lane from webhook.delivery where status = 'pending' order by lane limit 1)
            union all
            select (select delivery.lane from webhook.delivery
              where status = 'pending' and delivery.lane > lanes.lane order by delivery.lane limit 1)
            from lanes where lanes.lane is not null
          ), due as (
            select next.delivery_id
            from lanes left join unnest($1::text[], $2::int[]) as busy (lane, sending) on busy.lane = lanes.lane
            cross join lateral (
              select delivery_id, due_at, seq from webhook.delivery
              where status = 'pending' and delivery.lane = lanes.lane and due_at <= now()
              order by due_at, seq limit greatest(0, $3 - coalesce(busy.sending, 0))
              for update skip locked
            ) as next
            order by next.due_at, next.seq limit $4
          ), claimed as (
            update webhook.delivery
            set attempts = attempts + 1, due_at = now() + $5::int * interval '1 millisecond'
            from due where delivery.delivery_id = due.delivery_id
            returning delivery.*
          ), logged as (
            insert into webhook.attempt (delivery_id, number) select delivery_id, attempts from claimed
          )
          select claimed.*, event.payload from claimed join webhook.event using (event_id) order by seq`,
        values: [[...busy.keys()], [...busy.values()], perLane, most, leaseMs],
      });
      return rows;
    },

    /** Keeps what came of an attempt; the delivery itself changes only if nobody has taken it over since. */
    async keep({ delivery_id, attempts }: Claimed, outcome: Outcome): Promise<void> {
      const { status, retryInMs = 0, statusCode, error, response } = outcome;
      await pool.query({
        name: 'keep webhook attempt',
        text: `
          with kept as (
            update webhook.attempt
            set finished_at = clock_timestamp(), status_code = $5, error = $6, response = $7
            where delivery_id = $1 and number = $2
          )
          update webhook.delivery
          set status = $3, due_at = clock_timestamp() + $4::bigint * interval '1 millisecond', last_status = $5,
            last_error = $6, finished_at = case when $3 = 'pending' then null else clock_timestamp() end
          where delivery_id = $1 and attempts = $2 and status = 'pending'`,
        values: [
          delivery_id,
          attempts,
          status,
          retryInMs,
          statusCode ?? null,
          error ?? null,
          response ?? null,
        ],
      });
    },
  };
}
