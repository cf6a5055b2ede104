-- Events as they are told: the very bytes that are signed and sent, the same at each attempt and to each endpoint.
create table event (
  event_id uuid primary key,
  account_id text not null,
  job_id uuid not null,
  name text not null,
  position bigint not null,
  time timestamptz not null,
  payload text not null
);
