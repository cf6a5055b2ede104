-- Of the event's schema: a row may be published by a newer relay than the writer's. Rows of before are version 1.
alter table outbox add column version smallint not null default 1;
