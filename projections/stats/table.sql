-- What each job adds to its account's figures; subtracted again when the job changes.
create table stats_share (
  job_id uuid primary key,
  account_id text not null,
  revision integer not null,
  status text not null,
  source_bytes bigint not null,
  output_bytes bigint not null,
  requested_at timestamptz not null,
  turnaround_ms bigint not null
);
create table stats (
  account_id text not null,
  status text not null,
  jobs bigint not null,
  source_bytes bigint not null,
  output_bytes bigint not null,
  turnaround_ms bigint not null,
  primary key (account_id, status)
);
