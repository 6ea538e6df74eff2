-- What has ended is kept for a limited time. Output goes first: `output_expired_at` says since when it does,
-- `output_expiring` that some of it may still be there.
alter table executions
  add column output_expired_at timestamptz,
  add column output_expiring boolean not null default false;
create index executions_output_kept on executions (ended_at) where ended_at is not null and output_expired_at is null;
create index executions_output_expiring on executions (id) where output_expiring;
create index executions_expirable on executions (ended_at) where ended_at is not null;
