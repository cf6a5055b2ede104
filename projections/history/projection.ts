import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobEventSchemas } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { jobEventVersion } from '@transcodeflow/shared/contracts/versions/job-event-upcasters.ts';
import type { PoolClient } from 'pg';
import { jobEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';
import { completePositions, type PositionSource, positionExpression, positionSource } from './position.ts';

/** Rows are kept in the events' current versions: a new version of one is a new version of the table. */
const newVersions = Object.keys(jobEventSchemas)
  .filter((type) => jobEventVersion(type) > 1)
  .map((type) => ` ${type}:${jobEventVersion(type)}`)
  .join('');

/** The jobs' events, one row each. */
export const historyProjection: Projection<JobEventEnvelope> = {
  name: 'history',
  version: `2${newVersions}`,
  family: jobEvents,
  stream: jobStream,
  reached: (schema) =>
    `select job_id as id, max(revision) as revision from ${schema}.history group by job_id`,
  table: new URL('./table.sql', import.meta.url),
  bookkeeping: ['position'],
  beforeSwitch: completePositions,
  async apply(client, batch) {
    const { source, jobs } = await readReached(client, [...new Set(batch.map((event) => event.job_id))]);
    const events = batch.filter((event) => {
      const job = jobs.get(event.job_id);
      if (!isNext('history', job?.reached ?? 0, event)) return false;
      const account_id =
        event.event.type === 'JobRequested' ? event.event.data.account_id : (job?.account_id ?? '');
      jobs.set(event.job_id, { reached: event.revision, account_id });
      return true;
    });
    if (events.length === 0) return [];
    await client.query({
      name: `write history ${source.live} ${source.known}`,
      text: `insert into history (job_id, revision, event_id, type, time, data, correlation_id, account_id, position)
       select job_id, revision, event_id, type, time, data, correlation_id, account_id, ${positionExpression(source)}
       from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::json[], $7::text[], $8::text[])
         with ordinality as event (job_id, revision, event_id, type, time, data, correlation_id, account_id, number)`,
      values: [
        events.map((event) => event.job_id),
        events.map((event) => event.revision),
        events.map((event) => event.id),
        events.map((event) => event.event.type),
        events.map((event) => event.time),
        events.map((event) => JSON.stringify(event.event.data)),
        events.map((event) => event.correlation_id),
        events.map((event) => jobs.get(event.job_id)?.account_id),
      ],
    });
    return events.map((event) => [event.job_id, event.revision]);
  },
};

interface Reached {
  reached: number;
  account_id: string;
}

async function readReached(
  client: PoolClient,
  ids: readonly string[],
): Promise<{ source: PositionSource; jobs: Map<string, Reached> }> {
  // One row at least, whether or not there are any of these jobs.
  const { rows } = await client.query<PositionSource & Reached & { job_id: string | null }>({
    name: 'read reached history',
    text: `with source as materialized (${positionSource})
     select live, known, job_id, reached, account_id from source left join (
       select job_id, max(revision) as reached, max(account_id) as account_id
       from history where job_id = any($1::uuid[]) group by job_id
     ) job on true`,
    values: [ids],
  });
  const { live = false, known = false } = rows[0] ?? {};
  return {
    source: { live, known },
    jobs: new Map(rows.flatMap(({ job_id, ...job }) => (job_id === null ? [] : [[job_id, job]]))),
  };
}
