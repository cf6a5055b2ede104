-- The relay empties one topic at a time, oldest first.
create index outbox_lane on outbox (aggregatetype, seq);
