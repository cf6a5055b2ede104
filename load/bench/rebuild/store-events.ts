import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { jobEventVersion } from '@transcodeflow/shared/contracts/versions/job-event-upcasters.ts';
import type { Pool } from 'pg';
import { v7 } from 'uuid';

const ROWS_AT_ONCE = 5_000;

/**
 * Fills an event store with whole lives of jobs, at least `count` events. Straight into its table: what is measured is
 * how they are read, and nothing of them is to be published.
 */
export async function storeEvents(
  pool: Pool,
  count: number,
  lifeOf: (jobId: string) => readonly JobEvent[],
): Promise<number> {
  let stored = 0;
  while (stored < count) {
    const rows: [stream: string, revision: number, event: JobEvent][] = [];
    while (rows.length < ROWS_AT_ONCE && stored + rows.length < count) {
      const jobId = v7();
      for (const [index, event] of lifeOf(jobId).entries()) rows.push([jobStream(jobId), index + 1, event]);
    }
    await pool.query(
      `insert into event_store.event (stream, revision, id, type, version, data, metadata)
       select stream, revision, id, type, version, data, '{"correlation_id": "bench"}'
       from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::json[])
         as row (stream, revision, id, type, version, data)`,
      [
        rows.map(([stream]) => stream),
        rows.map(([, revision]) => revision),
        rows.map(() => v7()),
        rows.map(([, , event]) => event.type),
        rows.map(([, , event]) => jobEventVersion(event.type)),
        rows.map(([, , event]) => JSON.stringify(event.data)),
      ],
    );
    stored += rows.length;
  }
  await pool.query('analyze event_store.event');
  return stored;
}
