import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobEventSchemas } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { jobEventVersion } from '@transcodeflow/shared/contracts/versions/job-event-upcasters.ts';
import { jobEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';

/** Rows are kept in the events' current versions: a new version of one is a new version of the table. */
const newVersions = Object.keys(jobEventSchemas)
  .filter((type) => jobEventVersion(type) > 1)
  .map((type) => ` ${type}:${jobEventVersion(type)}`)
  .join('');

/** The jobs' events, one row each. */
export const historyProjection: Projection<JobEventEnvelope> = {
  name: 'history',
  version: `1${newVersions}`,
  family: jobEvents,
  stream: jobStream,
  reached: (schema) =>
    `select job_id as id, max(revision) as revision from ${schema}.history group by job_id`,
  table: new URL('./table.sql', import.meta.url),
  async apply(client, batch) {
    const ids = [...new Set(batch.map((event) => event.job_id))];
    const { rows } = await client.query<{ job_id: string; reached: number }>({
      name: 'read reached history',
      text: 'select job_id, max(revision) as reached from history where job_id = any($1::uuid[]) group by job_id',
      values: [ids],
    });
    const reached = new Map(rows.map((row) => [row.job_id, row.reached]));
    const events = batch.filter((event) => {
      if (!isNext('history', reached.get(event.job_id) ?? 0, event)) return false;
      reached.set(event.job_id, event.revision);
      return true;
    });
    if (events.length === 0) return [];
    await client.query({
      name: 'write history',
      text: `insert into history (job_id, revision, event_id, type, time, data, correlation_id)
       select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::json[], $7::text[])`,
      values: [
        events.map((event) => event.job_id),
        events.map((event) => event.revision),
        events.map((event) => event.id),
        events.map((event) => event.event.type),
        events.map((event) => event.time),
        events.map((event) => JSON.stringify(event.event.data)),
        events.map((event) => event.correlation_id),
      ],
    });
    return events.map((event) => [event.job_id, event.revision]);
  },
};
