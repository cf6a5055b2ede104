-- A task that no processor has started has a timer too: its message may have been lost with its topic.
alter table deadline drop constraint deadline_kind_check, add check (kind in ('lease', 'retry', 'dispatch'));
