-- What an execution was started with beside its rate control; trying again keeps both.
-- A column with a constant default costs no rewrite.

alter table executions
  -- Any target that is not as wanted makes the verdict Failed.
  add column strict boolean not null default false,
  -- Instances that were offline when it was planned are left out.
  add column skip_offline boolean not null default false;
