-- Why an execution, a task or an attempt is in its state, as message codes with arguments (core/reason/reason.ts), which readers render in
-- their language. Null: the row is of an earlier release and `reason` has its English text. No default: no row is rewritten.
alter table executions add column reason_messages jsonb;
alter table task_executions add column reason_messages jsonb;
alter table invocations add column reason_messages jsonb;
