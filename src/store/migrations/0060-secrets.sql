-- Secrets that parameter values refer to as secret:NAME.
create table secrets (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  -- Sealed text; context "secret/<id>".
  value_sealed bytea not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  unique (account_id, name)
);
