-- Dispatchers go from lane to lane, so one with a million waiting costs the others nothing.
create index delivery_due on delivery (lane, due_at, seq) where status = 'pending';
