-- A script can request a reboot: its invocation is `rebooting`, open like the others, and afterwards
-- returns to earlier states. `reboots` counts the rounds, so that a repeated report moves nothing back.
alter table invocations add column reboots int not null default 0;
drop index invocations_open_by_instance;
drop index invocations_open_by_deadline;
create index invocations_open_by_instance on invocations (instance_id)
  where state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting');
create index invocations_open_by_deadline on invocations (execution_id, deadline_at)
  where state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting');
