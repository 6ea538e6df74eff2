-- A wait is marked by the transaction that gives its lock back, so that the waiting execution finds what it may start
-- without reading everything that still waits. What waits is counted as such, and left out of the index of what may start.
alter table mutation_waits add column released boolean not null default false;
create index mutation_waits_released on mutation_waits (execution_id) where released;

drop index task_executions_pending;
create index task_executions_pending on task_executions (execution_id, batch, ordinal, reason_code) where status = 'Pending';
create index task_executions_startable on task_executions (execution_id, batch, ordinal)
  where status = 'Pending' and reason_code = 'Planned';

-- Open executions try once more and note their waits in the new form.
delete from mutation_waits;
