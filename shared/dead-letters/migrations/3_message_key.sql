-- Asked once for each batch of every consumer.
create index message_key on message (consumer, key, id) where blocks;
