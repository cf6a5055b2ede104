-- One row per Idempotency-Key of an account: who works on it (until `lease_until`), and then its answer.
-- The job's id is fixed with the claim, so that whoever takes over after a crash goes on with the same job.
create table request (
  account_id text not null,
  key text not null,
  route text not null,
  job_id uuid not null,
  owner uuid not null,
  lease_until timestamptz not null,
  fingerprint text,
  answer json,
  created_at timestamptz not null default now(),
  primary key (account_id, key)
);
