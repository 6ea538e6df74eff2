-- What people look at first and look for: activity by the hour, the audit log by who, what and when, instances by when they were seen.

-- Tasks that ended, by hour and status: counted in the transaction that ends them. Each session counts in rows of its own, for on a common
-- row transactions would wait for each other, some with locks that the other waits for. Session 0 is the sum of hours that are over.
create table task_activity (
  account_id text not null references accounts,
  hour timestamptz not null,
  status text not null,
  session integer not null,
  n bigint not null,
  primary key (account_id, hour, status, session)
);
create index task_activity_unfolded on task_activity (hour) where session <> 0;

drop index audit_log_by_account;
create index audit_log_by_time on audit_log (account_id, at desc, id desc);
create index audit_log_by_actor on audit_log (account_id, actor, at desc, id desc);
create index audit_log_by_action on audit_log (account_id, action, at desc, id desc);
create index audit_log_by_resource on audit_log (account_id, resource text_pattern_ops, at desc, id desc);

-- Who is away longest, for those that no server says to be connected.
create index instances_away on instances (account_id, last_seen_at) where removed_at is null and connected_to is null;

create index installed_states_broken on installed_states (account_id, since desc) where status = 'broken';
