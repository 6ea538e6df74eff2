-- What an agent and the server know is compared at every hello.

-- Its agent has said that it has no record of it: nothing more is to be heard of an invocation that was given up.
alter table invocations add column disowned_at timestamptz;
create index invocations_unanswered on invocations (instance_id) where state = 'lost' and disowned_at is null;

-- Why it could not be handed out so far, while it is queued.
alter table invocations add column hand_out_error text;

-- What an agent was told to stop and has not answered outlives its execution, whoever deletes that: the agent still has to stop it.
create table deleted_invocations (
  id text primary key,
  instance_id text not null references instances on delete cascade,
  deleted_at timestamptz not null default now()
);
create index deleted_invocations_by_instance on deleted_invocations (instance_id);

create function keep_unanswered_cancel() returns trigger language plpgsql as $$
begin
  insert into deleted_invocations (id, instance_id)
    select old.id, i.id from instances i where i.id = old.instance_id
    on conflict do nothing;
  return null;
end
$$;
create trigger invocations_keep_unanswered_cancel after delete on invocations
  for each row when (old.state = 'lost' and old.cancel_requested_at is not null and old.disowned_at is null)
  execute function keep_unanswered_cancel();

-- Two versions of one number may differ, after the server was restored from a backup. Null: installed before this was recorded.
alter table installed_states add column content_digest text;

-- Where an instance was found to differ from what was known of it. `expected` and `found` are null for "not installed".
create table drift (
  id bigint generated always as identity primary key,
  account_id text not null references accounts,
  instance_id text not null references instances on delete cascade,
  extension_id text not null,
  extension_name text not null,
  noticed_at timestamptz not null default date_trunc('milliseconds', now()),
  expected jsonb,
  found jsonb
);
create index drift_by_instance on drift (instance_id, id desc);

-- When some server was last there, by the clock of the database: time in which none was does not count for any deadline.
create table server_presence (
  only_row boolean primary key default true check (only_row),
  seen_at timestamptz not null
);
insert into server_presence (seen_at) values (now());
