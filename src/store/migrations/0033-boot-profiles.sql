-- The extensions that an instance gets when it joins with a token, in order; their secret values are sealed.
alter table join_tokens
  add column boot_profile jsonb,
  add column boot_secrets_sealed bytea;

-- The token whose profile an instance gets, and the execution that installs it. Until there is one: why the last attempt to start it
-- failed, and when the next one is due.
alter table instances
  add column boot_token text,
  add column boot_execution_id text,
  add column boot_failure jsonb,
  add column boot_due_at timestamptz;

create index instances_boot_due on instances (boot_due_at) where boot_due_at is not null;
