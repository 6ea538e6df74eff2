-- What executions are found and told apart by, and Debug mode, in which a person names every task. New columns have constant defaults, so
-- that no table is rewritten.

alter table executions
  add column tags jsonb not null default '{}',
  add column resource_group text not null default '',
  add column parent_execution_id text,
  -- The request as another face than the native API was given it, to be shown again; without the values that must not be seen.
  add column origin jsonb,
  -- Debug mode: the task that a person named last.
  add column named_ordinal integer,
  -- What was said with the last answer to a question of it.
  add column note text not null default '';

alter table task_executions add column note text not null default '';

create index executions_by_status on executions (account_id, status, created_at desc, id desc);
create index executions_by_end on executions (account_id, (coalesce(ended_at, 'infinity')) desc, id desc);
create index executions_by_tag on executions using gin (tags jsonb_path_ops);
create index executions_by_group on executions (account_id, resource_group, created_at desc, id desc) where resource_group <> '';
create index executions_by_parent on executions (parent_execution_id, created_at desc, id desc) where parent_execution_id is not null;

-- Instances are also known by the id that their cloud gave them.
create index instances_by_cloud_id on instances (account_id, (facts #>> '{cloud,instanceId}'))
  where removed_at is null and facts #>> '{cloud,instanceId}' is not null;
