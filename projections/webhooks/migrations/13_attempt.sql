-- The log. A row without an end: it is under way, or its dispatcher ended before it knew what came of it.
create table attempt (
  delivery_id uuid not null references delivery on delete cascade,
  number integer not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  status_code integer,
  error text,
  -- The first KiB of the answer's body.
  response text,
  primary key (delivery_id, number)
);
