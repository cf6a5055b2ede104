-- What is stored and not yet published; one row per destination topic, written in the append's own
-- transaction and removed once the bus has acknowledged it. The first five columns are those of Debezium's
-- outbox event router (aggregatetype = topic), so that Kafka Connect can take the relay's place.
create table outbox (
  id uuid not null,
  aggregatetype text not null,
  aggregateid text not null,
  type text not null,
  payload json not null,
  seq bigint generated always as identity primary key,
  -- Kafka's message key; null where messages are spread over the partitions.
  message_key text,
  revision integer not null,
  position bigint not null,
  metadata json not null,
  time timestamptz not null
);
