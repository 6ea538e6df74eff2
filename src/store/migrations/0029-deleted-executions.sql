-- An execution that a user deletes is marked in one short transaction and is not there for any query from then on; its tasks, output
-- and its row are removed in small steps, by the request or by the next round of a server.
alter table executions add column deleted_at timestamptz;
create index executions_deleted on executions (id) where deleted_at is not null;
