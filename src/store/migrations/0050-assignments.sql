-- What the instances of a group should have. Executions of an assignment name it; at most one of
-- them is open.
create table assignments (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  description text not null default '',
  group_name text not null,
  extension_name text not null,
  -- vN, latest or a channel; null: absent.
  version text,
  parameters jsonb not null default '{}',
  secret_parameters_sealed bytea,
  rate_control jsonb not null default '{}',
  time_window text,
  priority int not null default 0,
  -- Counts changes of what is desired, and resumes: failures of earlier generations do not count.
  generation int not null default 1,
  -- The version that the reference meant at the last evaluation.
  resolved_version int,
  halted_at timestamptz,
  halt_messages jsonb,
  evaluated_at timestamptz,
  -- Of everything that the last evaluation depended on, if it found nothing to do.
  settled_signature text,
  outcome jsonb,
  failure jsonb,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  unique (account_id, name),
  foreign key (account_id, group_name) references groups (account_id, name)
);
create index assignments_by_group on assignments (account_id, group_name);
alter table executions add column assignment_id text, add column assignment_generation int;
create unique index executions_open_by_assignment on executions (assignment_id) where assignment_id is not null and ended_at is null;
create index executions_by_assignment on executions (assignment_id, created_at) where assignment_id is not null;
