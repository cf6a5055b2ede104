-- Every event of every job as it was published, for `GET /api/jobs/{id}/events`.
create table history (
  job_id uuid not null,
  revision integer not null,
  event_id uuid not null,
  type text not null,
  time timestamptz not null,
  data json not null,
  correlation_id text not null,
  primary key (job_id, revision)
);
