import type { ClientBase } from 'pg';
import { LIVE_SCHEMA } from '../projector/tables.ts';

/**
 * Positions number the history's rows in the order in which they became visible: whoever has seen position n has seen
 * everything up to n, for good. Streams that go on after a position therefore miss nothing and repeat nothing.
 *
 * - Live, whoever numbers rows holds a lock until its commit, so that no lower position ever appears after a higher
 *   one. It costs no parallelism: PostgreSQL lets transactions that notify commit one at a time anyway.
 * - A rebuild takes over the positions that the live rows have; the others get theirs in the switch, while no projector
 *   writes. Rows keep their positions, therefore, over rebuilds.
 * - Positions begin at the time in microseconds: those of tables made anew without the old ones lie above all that were
 *   ever told to anybody. They stay below 2^53 until the year 2255.
 */
const LOCK = 'transcodeflow history position';

/** Where positions come from: the tables written to are the live ones, or there are live ones that have positions. */
export interface PositionSource {
  live: boolean;
  known: boolean;
}

/**
 * A query for one row `PositionSource`. Live, everybody else who numbers rows then waits for this transaction's end;
 * what they wrote is visible to the next statement, not to this one.
 */
export const positionSource = `select
  current_schema() = '${LIVE_SCHEMA}' as live,
  exists (select from pg_attribute where attrelid = to_regclass('${LIVE_SCHEMA}.history') and attname = 'position') as known,
  case when current_schema() = '${LIVE_SCHEMA}' then pg_advisory_xact_lock(hashtext('${LOCK}')) end as locked`;

/** The greatest position so far, to which whole numbers from 1 on are added. */
const base = (...tables: string[]) =>
  `greatest((extract(epoch from clock_timestamp()) * 1e6)::bigint, ${tables.map((table) => `(select max(position) from ${table})`).join(', ')})`;

/** The position of a row about to be inserted: an expression over `event` (`job_id`, `revision`, `number`: 1, 2, …). */
export const positionExpression = ({ live, known }: PositionSource): string =>
  live || !known
    ? `(select ${base('history')}) + event.number`
    : `(select known.position from ${LIVE_SCHEMA}.history known
        where known.job_id = event.job_id and known.revision = event.revision)`;

/** Numbers the rows that have no position yet, in the transaction that makes the search path's tables the live ones. */
export async function completePositions(client: ClientBase): Promise<void> {
  const { rows } = await client.query<PositionSource>(positionSource);
  const known = rows[0]?.known ?? false;
  if (known)
    await client.query(
      `update history set position = known.position from ${LIVE_SCHEMA}.history known
       where history.position is null and known.job_id = history.job_id and known.revision = history.revision`,
    );
  await client.query(
    `with base as materialized (select ${base('history', ...(known ? [`${LIVE_SCHEMA}.history`] : []))} as position),
       missing as (
         select job_id, revision, row_number() over (order by time, job_id, revision) as number
         from history where position is null)
     update history set position = base.position + missing.number from base, missing
     where history.job_id = missing.job_id and history.revision = missing.revision`,
  );
}
