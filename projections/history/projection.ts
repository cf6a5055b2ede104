import type { Projection } from '../projector/projection.ts';

/** The jobs' events, one row each: a row that is there already is a repetition. */
export const historyProjection: Projection = {
  name: 'history',
  table: new URL('./table.sql', import.meta.url),
  async apply(client, events) {
    await client.query(
      `insert into history (job_id, revision, event_id, type, time, data, correlation_id)
       select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::json[], $7::text[])
       on conflict do nothing`,
      [
        events.map((event) => event.job_id),
        events.map((event) => event.revision),
        events.map((event) => event.id),
        events.map((event) => event.event.type),
        events.map((event) => event.time),
        events.map((event) => JSON.stringify(event.event.data)),
        events.map((event) => event.correlation_id),
      ],
    );
    return events.map((event) => [event.job_id, event.revision]);
  },
};
