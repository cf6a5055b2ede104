-- When each key was last seen, to the minute. No projection: it follows from no event, and a rebuild must not lose it.
create table last_used (
  key_id uuid primary key,
  used_at timestamptz not null
);
