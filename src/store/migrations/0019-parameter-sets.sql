-- The values that instances keep over an update. An execution has one set for each different set of installed values among its targets;
-- its own values, in executions and execution_parts, are those of instances that had nothing installed.

create table parameter_sets (
  execution_id text not null references executions on delete cascade,
  part smallint not null,
  number integer not null,
  account_id text not null,
  extension_id text not null,
  parameters jsonb not null,
  parameters_digest text not null,
  -- As in executions; context "execution/<execution_id>".
  secret_parameters_sealed bytea,
  -- How they differ from what was installed: name, from, to; of secrets the name alone.
  changes jsonb not null,
  created_at timestamptz not null default now(),
  primary key (execution_id, part, number)
);
create index parameter_sets_by_digest on parameter_sets (extension_id, parameters_digest, created_at);

-- Which of them; null: the execution's own values.
alter table task_executions add column parameter_set integer;
alter table invocations add column parameter_set integer;
