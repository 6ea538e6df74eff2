-- Certificates that the servers obtain by ACME, and share. `names`: host names, sorted, with commas. One server orders at a time, until
-- `ordering_until`; after a failure, the next attempt is due at `next_attempt_at`. Keys are sealed with the secret key of the servers.
create table acme_certificates (
  account_id text not null references accounts,
  names text not null,
  account_key_sealed bytea not null,
  certificate text,
  private_key_sealed bytea,
  ordering_until timestamptz,
  failures integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  primary key (account_id, names)
);

-- The answers that the CA requests over HTTP from any of the servers.
create table acme_challenges (
  account_id text not null references accounts,
  token text not null,
  key_authorization text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, token)
);
