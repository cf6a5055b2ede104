-- Looked through every second.
create index message_due on message (id) where published_at is null or retry_requested_at is not null;
