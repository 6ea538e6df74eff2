-- Executions that are not of one extension: a command, OS packages, several extensions in order. New columns are empty for what is there,
-- so that no table is rewritten; executions of one extension have nothing in the new table.

alter table executions
  alter column extension_id drop not null,
  -- The script of a command: large, and read only by whoever hands it out or shows that one execution.
  add column command_content text;

alter table task_executions
  -- Several extensions: what is planned for each, in their order. The columns step to timeout_ms are of the one named by `part`.
  add column parts jsonb,
  add column part smallint,
  -- The part before `part` has ended well, and it has not been begun: the task is Running, and holds no lock.
  add column part_due boolean not null default false;
create index task_executions_part_due on task_executions (execution_id, ordinal) where part_due;

alter table invocations add column part smallint;

-- The extensions of an execution of several, with the values they are wanted with.
create table execution_parts (
  execution_id text not null references executions on delete cascade,
  part smallint not null,
  account_id text not null references accounts,
  extension_id text not null,
  extension_name text not null,
  version integer not null,
  parameters jsonb not null,
  parameters_digest text not null,
  -- As in executions; context "execution/<execution_id>".
  secret_parameters_sealed bytea,
  created_at timestamptz not null default now(),
  primary key (execution_id, part)
);
create index execution_parts_by_extension on execution_parts (extension_id, created_at);
create index execution_parts_by_name on execution_parts (account_id, extension_name, execution_id);
