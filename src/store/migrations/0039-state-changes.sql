-- What executions changed on instances, recorded with the change: rollbacks restore the state before it.

create table state_changes (
  execution_id text not null references executions on delete cascade,
  instance_id text not null,
  extension_id text not null,
  account_id text not null,
  -- Of the task.
  ordinal integer not null,
  part smallint not null,
  changed_at timestamptz not null default clock_timestamp(),
  -- The state before the first change by this execution; null: not installed.
  before_status text,
  before_version integer,
  before_configuration_id text,
  before_parameters_digest text,
  before_parameters jsonb,
  -- As in installed_states; context "execution/<before_execution_id>".
  before_sealed bytea,
  before_execution_id text,
  -- The state after its last change; null: not installed.
  after_status text,
  after_version integer,
  after_configuration_id text,
  after_parameters_digest text,
  primary key (execution_id, instance_id, extension_id)
);
-- Finds later changes by other executions.
create index state_changes_by_instance on state_changes (instance_id, extension_id, changed_at);

-- The execution that this one rolls back.
alter table executions add column rollback_of text;
create index executions_by_rollback on executions (rollback_of, created_at) where rollback_of is not null;
