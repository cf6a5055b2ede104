-- Messages that a consumer could not handle, and the later ones of the same job that wait behind them; oldest first
-- by id. Written before the message counts as taken, whole, because a bus inside one process keeps nothing.
create table message (
  id bigint generated always as identity primary key,
  consumer text not null,
  topic text not null,
  partition integer not null,
  "offset" bigint not null,
  -- The message's key, shown; what PostgreSQL's text cannot hold (NUL) is replaced. `original` has it as it came.
  key text,
  -- Later messages of the key wait behind this one.
  blocks boolean not null,
  -- {key, headers}: json, not jsonb, because jsonb refuses \u0000.
  original json not null,
  value bytea not null,
  published_timestamp timestamptz not null,
  -- SHA-256 of key, headers and value: the message that is delivered again is parked once.
  fingerprint bytea not null,
  -- 0: never tried, it waits behind another one.
  attempts integer not null,
  error text,
  stack text,
  parked_at timestamptz not null default now(),
  -- How often it came to be parked: a retry removes only what it has seen.
  parkings integer not null default 1,
  -- In the topic `….dead-letter`.
  published_at timestamptz,
  -- An operator has asked for it to be handed back.
  retry_requested_at timestamptz
);
