-- Where each projection stands in each partition; moved in the transaction of the rows, so that rows and
-- checkpoint can never disagree. The owner fences off a projector that lost the partition and does not know it yet.
create table checkpoint (
  projection text not null,
  topic text not null,
  partition integer not null,
  next_offset bigint,
  owner text not null,
  updated_at timestamptz not null default now(),
  primary key (projection, topic, partition)
);
