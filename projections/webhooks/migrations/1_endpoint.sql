-- Who is told. The position in the event store decides what an endpoint gets: events after its creation, in whatever
-- order the two topics are read.
create table endpoint (
  endpoint_id uuid primary key,
  account_id text not null,
  url text not null,
  -- Names as in deliveries (job.completed), or * for all.
  events text[] not null,
  description text not null,
  created_at timestamptz not null,
  created_position bigint not null,
  deleted_at timestamptz
);
