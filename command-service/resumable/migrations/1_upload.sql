-- An upload that is to become a job: resumable (tus) or put straight into the object store (presigned). The job's id is
-- fixed here, so that the job's own stream is the fence: however often the upload is taken, one job comes of it.
-- `size_bytes` is null while the client has not said it; `claim` is the request that is making, or made, the job.
create table upload (
  id uuid primary key,
  account_id text not null,
  kind text not null check (kind in ('tus', 'presigned')),
  filename text not null,
  job_id uuid not null,
  size_bytes bigint check (size_bytes >= 0),
  is_finished boolean not null default false,
  claim uuid,
  claimed_at timestamptz,
  is_used boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
