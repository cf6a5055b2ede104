-- One row per job: the columns that lists filter and sort by, and the whole document.
create table job (
  job_id uuid primary key,
  account_id text not null,
  revision integer not null,
  status text not null,
  created_at timestamptz not null,
  document json not null
);
create index job_by_account on job (account_id, created_at desc, job_id desc) where status <> 'deleted';
create index job_by_status on job (account_id, status, created_at desc, job_id desc) where status <> 'deleted';
