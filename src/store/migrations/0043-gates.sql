-- Gates between the batches of executions: a row for each time that an execution is at a gate.

create table execution_gates (
  id bigint generated always as identity primary key,
  execution_id text not null references executions on delete cascade,
  account_id text not null,
  -- The batch that ended before it, and its index among the gates of the execution.
  batch integer not null,
  gate integer not null,
  began_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text check (outcome in ('passed', 'failed')),
  reason_messages jsonb,
  -- The last check by a server; null: none. Never a whole response.
  observation jsonb,
  -- When a server checks it next; null: servers do not check it.
  check_at timestamptz
);
create index execution_gates_by_execution on execution_gates (execution_id, id desc);
create index execution_gates_due on execution_gates (check_at) where outcome is null and check_at is not null;

create table gate_approvals (
  id bigint generated always as identity primary key,
  gate_id bigint not null references execution_gates on delete cascade,
  account_id text not null,
  user_name text not null,
  approves boolean not null,
  comment text not null default '',
  at timestamptz not null default clock_timestamp()
);
create index gate_approvals_by_gate on gate_approvals (gate_id, id);

-- A rollback that follows from a failed gate: null: none is due, or it was started.
alter table executions add column rollback_due boolean not null default false;
create index executions_rollback_due on executions (id) where rollback_due;
