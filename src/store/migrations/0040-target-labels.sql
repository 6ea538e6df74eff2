-- The tags that all targets of an execution had when it started, and their resource group if they
-- had the same one: policies decide by them who may see and control the execution. Executions of
-- earlier releases have none. Adding columns with constant defaults rewrites no rows.
alter table executions add column target_tags jsonb not null default '{}';
alter table executions add column target_group text;
