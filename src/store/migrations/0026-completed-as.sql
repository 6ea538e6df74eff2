-- Debug mode: the verdict that an operator completed it with, where that is not what became of its tasks.
alter table executions add column completed_as text check (completed_as = 'Failed');
