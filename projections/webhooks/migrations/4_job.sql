-- What deliveries need of a job besides the event, and how far it got: an event up to that revision is a repetition.
create table job (
  job_id uuid primary key,
  account_id text not null,
  revision integer not null,
  status text not null,
  filename text not null,
  metadata json not null,
  -- Its own, besides the account's endpoints.
  webhook_url text
);
