-- One event for one receiver: unique, so that an event that comes again makes no second one.
create table delivery (
  delivery_id uuid primary key default gen_random_uuid(),
  -- Order of creation, for deliveries that are due at the same time.
  seq bigint generated always as identity,
  event_id uuid not null references event on delete cascade,
  -- The endpoint's id, or `job` for the job's own URL.
  target text not null,
  endpoint_id uuid,
  account_id text not null,
  job_id uuid not null,
  url text not null,
  -- Those of one lane share its few places: the endpoint's id, or account and origin of a job's own URL.
  lane text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'cancelled')),
  attempts integer not null default 0,
  -- How many attempts there were when the present round of retries began: a redelivery begins another.
  attempts_before integer not null default 0,
  -- Of a pending one: its next attempt; while that is under way, when somebody else takes it up.
  due_at timestamptz not null default now(),
  -- The last request for a redelivery that was heeded.
  redelivery integer not null default 0,
  last_status integer,
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (event_id, target)
);
