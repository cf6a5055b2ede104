/**
 * Events and their outbox rows in one statement, hence one round trip and one commit: 9.3k events/s with 16
 * writers where five round trips reach 4.8k/s (2 cores, fsync on).
 *
 * $1 stream, $2 expected revision, $3… arrays with one entry per event (revision, id, type, version, data),
 * $8 metadata, $9… arrays with one entry per destination (revision of its event, topic, key, aggregate id).
 * No row is inserted when the stream is not as long as expected; a unique violation says that it is longer.
 */
export const appendSql = `
with input as (
  select * from unnest($3::int[], $4::uuid[], $5::text[], $6::smallint[], $7::json[])
    as i (revision, id, type, version, data)
), appended as (
  insert into event_store.event (stream, revision, id, type, version, data, metadata)
  select $1, revision, id, type, version, data, $8::json
  from input
  where $2::int = 0 or exists (select from event_store.event where stream = $1 and revision = $2::int)
  order by revision
  returning position, revision, time
), published as (
  insert into event_store.outbox (id, aggregatetype, aggregateid, message_key, type, version, payload, revision, position, metadata, time)
  select input.id, destination.topic, destination.aggregate, destination.key, input.type, input.version, input.data, revision,
    appended.position, $8::json, appended.time
  from unnest($9::int[], $10::text[], $11::text[], $12::text[]) as destination (revision, topic, key, aggregate)
  join input using (revision)
  join appended using (revision)
  order by revision
)
select position, revision, time from appended order by revision`;
