-- Invocations that an agent has journalled and not begun are `waiting`: open like the others.
drop index invocations_open_by_instance;
drop index invocations_open_by_deadline;
create index invocations_open_by_instance on invocations (instance_id)
  where state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying');
create index invocations_open_by_deadline on invocations (execution_id, deadline_at)
  where state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying');
