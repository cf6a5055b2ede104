-- The job's revision that set the timer: a message that comes again, late and out of order, changes nothing.
alter table deadline add column revision integer not null default 0;
