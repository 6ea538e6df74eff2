-- Recurring schedules: each starts executions at the times of a cron expression.

create table schedules (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  cron text not null,
  time_zone text not null,
  on_missed text not null check (on_missed in ('skip', 'run')),
  on_overlap text not null check (on_overlap in ('skip', 'wait', 'start')),
  -- Sealed JSON of the request of an execution, which may contain secret values; context "schedule/<id>".
  request_sealed bytea not null,
  paused boolean not null default false,
  -- Null: never again.
  next_at timestamptz,
  -- It was due while its last execution ran, and starts when that has ended.
  waiting boolean not null default false,
  last_at timestamptz,
  last_outcome text check (last_outcome in ('started', 'missed', 'overlap', 'failed')),
  -- {"code", "message"} of the last outcome 'failed'.
  last_failure jsonb,
  last_execution_id text,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (account_id, name)
);
create index schedules_due on schedules (next_at) where not paused and next_at is not null;
