-- Every event of every job as it was published, for `GET /api/jobs/{id}/events`, `/api/events` and the live streams.
create table history (
  job_id uuid not null,
  revision integer not null,
  event_id uuid not null,
  type text not null,
  time timestamptz not null,
  data json not null,
  correlation_id text not null,
  account_id text not null,
  -- Order in which the rows became visible, over all jobs: see position.ts. Null only while a rebuild fills the table.
  position bigint,
  primary key (job_id, revision)
);
create unique index history_by_position on history (position);
create index history_by_account on history (account_id, position);
