-- For the removal of old ones.
create index delivery_finished on delivery (finished_at) where finished_at is not null;
