-- Which failures are alike, written when a task fails, so that 100,000 of them are grouped without reading what they printed. Empty where
-- nothing was printed (an instance that is away, a task that never ran): those are alike by reason and exit code. A constant default: no
-- table is rewritten.

alter table task_executions add column failure_key text not null default '';
create index task_executions_failed on task_executions (execution_id, failure_key, ordinal)
  include (reason_code, exit_code) where status = 'Failed';

-- What the failures of a key have in common: their last lines, folded.
create table task_failures (
  execution_id text not null references executions on delete cascade,
  failure_key text not null,
  account_id text not null,
  lines text[] not null,
  primary key (execution_id, failure_key)
);
