-- The first schema. Every row belongs to an account. Times are timestamptz, sizes bytes, names snake_case of the words in
-- the design. Money of this design: no query's cost grows with executions other than its own.

create table accounts (
  id text primary key,
  name text not null unique,
  created_at timestamptz not null default now()
);

create table access_keys (
  id text primary key,
  account_id text not null references accounts,
  user_name text not null,
  -- AES-256-GCM, context "access-key/<id>": needed in clear to check signatures.
  secret_sealed bytea not null,
  description text not null default '',
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);
create index access_keys_by_account on access_keys (account_id, id);

-- One row per server process that is alive or was. An instance is online if the server it is connected to still beats.
create table servers (
  id text primary key,
  host_name text not null,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);

create table join_tokens (
  id text primary key,
  account_id text not null references accounts,
  -- SHA-256 of the token: the token itself is shown once and kept nowhere.
  token_hash bytea not null unique,
  uses integer,
  uses_left integer,
  expires_at timestamptz not null,
  tags jsonb not null default '{}',
  resource_group text not null default '',
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index join_tokens_by_account on join_tokens (account_id, created_at, id);

create table instances (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  -- Raw ed25519 key: the identity. One key is one instance.
  public_key bytea not null unique,
  tags jsonb not null default '{}',
  resource_group text not null default '',
  facts jsonb not null,
  connected_to text references servers on delete set null,
  connected_at timestamptz,
  last_seen_at timestamptz,
  enrolled_at timestamptz not null default now(),
  removed_at timestamptz
);
create index instances_by_account on instances (account_id, id) where removed_at is null;
create index instances_by_name on instances (account_id, name, id) where removed_at is null;
create index instances_by_tag on instances using gin (tags jsonb_path_ops) where removed_at is null;
create index instances_by_group on instances (account_id, resource_group, id) where removed_at is null;
create index instances_by_server on instances (connected_to) where connected_to is not null;

create table artifacts (
  account_id text not null references accounts,
  sha256 text not null,
  size_bytes bigint not null,
  created_at timestamptz not null default now(),
  primary key (account_id, sha256)
);

create table extensions (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  type text not null,
  description text not null default '',
  latest_version integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, name)
);

create table extension_versions (
  extension_id text not null references extensions on delete cascade,
  version integer not null,
  account_id text not null references accounts,
  version_description text not null default '',
  scope jsonb not null,
  parameters jsonb not null,
  configurations jsonb not null,
  public boolean not null default false,
  deprecated_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (extension_id, version)
);

create table executions (
  id text primary key,
  account_id text not null references accounts,
  client_token text,
  -- Digest of the whole request, so that one token is never two requests.
  request_digest text not null,
  operation jsonb not null,
  extension_id text not null,
  -- The values that must not be seen, as sealed JSON; context "execution/<id>".
  secret_parameters_sealed bytea,
  targets jsonb not null,
  rate_control jsonb not null,
  mode text not null,
  description text not null default '',
  delivery_timeout_ms bigint not null,
  created_by text not null,
  retry_of text,
  status text not null,
  reason_code text not null,
  reason text not null,
  -- Grows with every change of the execution or of one of its tasks; changed only under this row's lock.
  revision bigint not null default 1,
  task_count integer not null,
  -- The batch that may start tasks; 0 before the first.
  open_batch integer not null default 0,
  pause_requested boolean not null default false,
  -- Failures a person has looked at and passed over (FailurePause mode).
  accepted_failures integer not null default 0,
  cancel_requested_at timestamptz,
  -- Milliseconds, as clients see and hand back in page tokens.
  created_at timestamptz not null default date_trunc('milliseconds', now()),
  started_at timestamptz,
  ended_at timestamptz
);
create unique index executions_by_client_token on executions (account_id, client_token) where client_token is not null;
create index executions_by_account on executions (account_id, created_at desc, id desc);
create index executions_open on executions (id) where ended_at is null;
create index executions_by_extension on executions (extension_id, created_at);

create table task_executions (
  execution_id text not null references executions on delete cascade,
  ordinal integer not null,
  account_id text not null,
  -- 0 = ended by the plan (nothing to do, skipped): in no batch.
  batch integer not null,
  instance_id text not null,
  instance_name text not null,
  step text not null,
  status text not null,
  reason_code text not null,
  reason text not null,
  from_version integer,
  to_version integer,
  configuration_id text,
  attempt integer not null default 0,
  -- How long its scripts and checks may take in all; the server gives an invocation this and a grace before it calls it lost.
  timeout_ms bigint not null,
  exit_code integer,
  output text,
  revision bigint not null default 1,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (execution_id, ordinal)
);
create unique index task_executions_by_instance on task_executions (execution_id, instance_id);
create index task_executions_pending on task_executions (execution_id, batch, ordinal) where status = 'Pending';
create index task_executions_by_status on task_executions (execution_id, status, ordinal);
create index task_executions_changed on task_executions (execution_id, revision, ordinal);
create index task_executions_of_instance on task_executions (instance_id, execution_id);

-- How many tasks are in which state and why: changed in the same transaction as the tasks, under the execution's lock.
create table task_counts (
  execution_id text not null references executions on delete cascade,
  batch integer not null,
  status text not null,
  reason_code text not null,
  n integer not null,
  primary key (execution_id, batch, status, reason_code)
);

create table invocations (
  id text primary key,
  execution_id text not null references executions on delete cascade,
  ordinal integer not null,
  attempt integer not null,
  account_id text not null,
  instance_id text not null,
  state text not null,
  step text,
  queued_at timestamptz not null default now(),
  sent_at timestamptz,
  accepted_at timestamptz,
  ended_at timestamptz,
  -- When silence becomes an answer: delivery, then running time, then cancelling.
  deadline_at timestamptz not null,
  cancel_requested_at timestamptz,
  reason_code text,
  reason text,
  exit_code integer,
  -- Its end said what the instance has now. What such an invocation says counts until a younger one says something else.
  told_installed boolean not null default false,
  stdout_bytes bigint not null default 0,
  stderr_bytes bigint not null default 0,
  cut_bytes bigint not null default 0,
  timeout_ms bigint not null,
  -- What its stored output costs so far: no agent can fill the database.
  received_bytes bigint not null default 0
);
create index invocations_open_by_instance on invocations (instance_id)
  where state in ('queued', 'sent', 'accepted', 'downloading', 'running', 'verifying');
create index invocations_open_by_deadline on invocations (execution_id, deadline_at)
  where state in ('queued', 'sent', 'accepted', 'downloading', 'running', 'verifying');
create index invocations_of_task on invocations (execution_id, ordinal, attempt);
create index invocations_by_end on invocations (execution_id, ended_at);
create index invocations_told on invocations (instance_id, queued_at) where told_installed;

create table output_chunks (
  invocation_id text not null,
  -- 1 = stdout, 2 = stderr
  stream smallint not null,
  start_byte bigint not null,
  at timestamptz not null,
  data bytea not null,
  primary key (invocation_id, stream, start_byte)
);
-- Output is compressed by nobody twice: short chunks stay in the row, long ones move out as they are.
alter table output_chunks alter column data set storage external;

-- One mutation at a time per instance and extension.
create table mutation_locks (
  instance_id text not null,
  mutation_key text not null,
  execution_id text not null references executions on delete cascade,
  ordinal integer not null,
  primary key (instance_id, mutation_key)
);
create index mutation_locks_by_task on mutation_locks (execution_id, ordinal);

-- Who waits for which lock; read to poke the waiting when a lock is given back.
create table mutation_waits (
  execution_id text not null references executions on delete cascade,
  ordinal integer not null,
  instance_id text not null,
  mutation_key text not null,
  waits_for text not null,
  primary key (execution_id, ordinal)
);
create index mutation_waits_by_lock on mutation_waits (instance_id, mutation_key);

create table installed_states (
  instance_id text not null references instances on delete cascade,
  extension_id text not null,
  account_id text not null,
  status text not null,
  version integer not null,
  configuration_id text not null,
  parameters_digest text not null,
  parameters jsonb not null default '{}',
  -- Sealed JSON of the values that must not be seen; context "execution/<execution_id>", as they came from there.
  secret_parameters_sealed bytea,
  execution_id text not null,
  since timestamptz not null default now(),
  primary key (instance_id, extension_id)
);
-- Wide, so that counting instances by version reads the index alone.
create index installed_states_by_extension on installed_states (extension_id, version, account_id, status);

create table audit_log (
  id bigint generated always as identity primary key,
  account_id text not null,
  at timestamptz not null default now(),
  actor text not null,
  source text not null,
  action text not null,
  resource text not null,
  detail jsonb not null default '{}'
);
create index audit_log_by_account on audit_log (account_id, id desc);
