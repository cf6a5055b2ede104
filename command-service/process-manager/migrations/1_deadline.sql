-- The process manager's timers: at most one per task, either the lease of its running attempt or the time of
-- its next one. Kept here so that they survive a restart.
create table deadline (
  job_id uuid not null,
  task_id text not null,
  epoch integer not null,
  kind text not null check (kind in ('lease', 'retry')),
  due_at timestamptz not null,
  -- Of the job's messages: only who follows its heartbeats may declare its worker lost.
  partition integer not null,
  primary key (job_id, task_id)
);
