create index event_time on event (time);
