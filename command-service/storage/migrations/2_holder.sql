-- Who holds bytes: a job's source with its thumbnail, or an upload that has not become a job yet. Reserved while
-- `lease_until` says that somebody is at it, used when it is null. `owner` is the fence: whoever has another one has
-- lost the row. `quota` is what the account was allowed when the bytes were asked for.
create table holder (
  id text primary key,
  kind text not null check (kind in ('job', 'upload')),
  account_id text not null,
  bytes bigint not null check (bytes >= 0),
  quota bigint check (quota >= 0),
  owner uuid,
  lease_until timestamptz,
  swept boolean not null default false,
  created_at timestamptz not null default now()
);
