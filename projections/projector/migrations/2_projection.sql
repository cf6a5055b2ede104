-- Which read models have their tables.
create table projection (
  name text primary key,
  created_at timestamptz not null default now()
);
