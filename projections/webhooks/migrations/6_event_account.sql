-- For an endpoint that becomes known after events that it is to get.
create index event_account on event (account_id, position);
