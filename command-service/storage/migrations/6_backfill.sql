-- Jobs of before the bytes were counted: written once, when they are counted too.
create table backfill (done_at timestamptz not null default now());
