-- Who an instance is beside its key, and whether it takes part. Adds columns with constant defaults: no table is rewritten.

alter table join_tokens
  -- Keys of tags that agents may choose.
  add column allowed_tags text[] not null default '{}',
  -- Instances that join with it wait for an operator.
  add column approve boolean not null default false;

alter table instances
  add column admission text not null default 'admitted' check (admission in ('admitted', 'pending', 'quarantined')),
  -- Why it is not admitted, for people, and since when.
  add column admission_reason text,
  add column admission_at timestamptz,
  -- The server that a pending instance is connected to: it counts as online only when it is approved.
  add column waits_on text,
  -- Digests of parts of the machine, and those of the machine that was refused last.
  add column fingerprint jsonb,
  add column other_fingerprint jsonb,
  -- Random values of the agent processes that connected, the latest first.
  add column agent_runs text[] not null default '{}',
  -- The key before the last renewal: whoever still uses it has a copy.
  add column previous_public_key bytea,
  add column key_since timestamptz not null default now();

create index instances_not_admitted on instances (account_id, admission, admission_at, id)
  where removed_at is null and admission <> 'admitted';
