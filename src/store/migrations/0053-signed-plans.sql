-- Executions whose plans approvers sign.

-- {"threshold": n, "signed": n, "expiresAt": ms, "keys": [{"name", "publicKey"}]}; keys: absent: any key counts.
alter table executions add column approval jsonb;

-- The canonical bytes that are signed. Signatures are in `signatures`, by their SHA-256.
create table execution_plans (
  execution_id text primary key references executions on delete cascade,
  account_id text not null,
  canonical text not null,
  sha256 text not null,
  -- Of the digests of secret values.
  salt_sealed bytea not null
);

-- Which work of the plan a part of a task is, and the proof that its instance belongs to it.
create table execution_plan_places (
  execution_id text not null references execution_plans on delete cascade,
  account_id text not null,
  instance_id text not null,
  part integer not null,
  work integer not null,
  proof text[] not null,
  primary key (execution_id, instance_id, part)
);

-- {"keys": [{"name", "publicKey"}], "threshold": n, "operations": [...]}; null: no approvers, or published by an earlier release.
alter table trust_files add column approvers jsonb;
