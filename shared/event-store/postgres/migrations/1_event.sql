-- One row per event. `position` orders the whole store, `revision` one stream (from 1, without gaps).
create table event (
  position bigint generated always as identity primary key,
  stream text collate "C" not null,
  revision integer not null check (revision > 0),
  id uuid not null,
  type text not null,
  version smallint not null,
  data json not null,
  metadata json not null,
  time timestamptz not null default clock_timestamp(),
  -- The expected revision: of two writers of the same revision one fails.
  unique (stream, revision)
);
