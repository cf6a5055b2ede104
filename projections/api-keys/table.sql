-- One row per API key. The key itself is nowhere: its SHA-256 is compared with that of a key that somebody sends.
create table api_key (
  id uuid primary key,
  account_id text not null,
  revision integer not null,
  name text not null,
  prefix text not null,
  hash text not null,
  scopes text[] not null,
  storage_quota_bytes bigint,
  rate_limit integer,
  priority text not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  revoked_at timestamptz
);
-- Not unique: should two keys ever share a prefix, both work.
create index api_key_by_prefix on api_key (prefix);
create index api_key_by_age on api_key (created_at desc, id desc);
