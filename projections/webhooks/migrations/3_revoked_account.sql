-- Accounts whose key was revoked: nobody is told of their jobs any more.
create table revoked_account (
  account_id text primary key,
  revoked_at timestamptz not null
);
