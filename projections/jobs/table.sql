-- One row per job: the columns that lists filter and sort by, and the whole document.
create table job (
  job_id uuid primary key,
  account_id text not null,
  revision integer not null,
  status text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- In lower case and cut, so that any name fits into an index and lists run alike on every server.
  sort_name text collate "C" not null,
  source_bytes bigint not null,
  document json not null
);
-- One per order of the list, read in either direction.
create index job_by_creation on job (account_id, created_at, job_id) where status <> 'deleted';
create index job_by_change on job (account_id, updated_at, job_id) where status <> 'deleted';
create index job_by_name on job (account_id, sort_name, job_id) where status <> 'deleted';
create index job_by_size on job (account_id, source_bytes, job_id) where status <> 'deleted';
create index job_by_status on job (account_id, status, job_id) where status <> 'deleted';
-- One status, newest first: the most frequent list.
create index job_by_status_and_creation on job (account_id, status, created_at, job_id) where status <> 'deleted';

-- What the filter `q` looks through, of jobs that were not deleted. A table of its own, because it never changes: a job's row is written anew with each
-- event, and its trigrams would be too.
create table job_text (
  job_id uuid primary key,
  account_id text not null,
  text text not null
);
-- Without these extensions (a server that does not have or permit them) the filter reads all of the account's texts.
do $$
begin
  create extension if not exists pg_trgm with schema public;
  create extension if not exists btree_gin with schema public;
  execute format(
    'create index job_text_trigrams on job_text using gin (account_id, text %I.gin_trgm_ops)',
    (select nspname from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm'));
exception when others then
  create index job_text_by_account on job_text (account_id);
end $$;
