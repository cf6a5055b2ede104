-- What each account's sources and uploads take up: the sums of `holder`, so that a quota is checked by reading one row.
-- Written by the trigger on `holder` and by nothing else.
create table account (
  account_id text primary key,
  used_bytes bigint not null default 0 check (used_bytes >= 0),
  reserved_bytes bigint not null default 0 check (reserved_bytes >= 0)
);
