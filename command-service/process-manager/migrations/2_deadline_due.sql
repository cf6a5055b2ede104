create index deadline_due on deadline (due_at);
