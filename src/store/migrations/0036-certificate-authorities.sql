-- The CAs that issue the certificates of the servers. All servers of a database share them: the newest one issues; its predecessors stay,
-- so that their signatures lead from them to the newest. Private keys are sealed with the secret key of the servers.
create table certificate_authorities (
  account_id text not null references accounts,
  ordinal integer not null,
  certificate text not null,
  cross_certificate text,
  private_key_sealed bytea not null,
  created_at timestamptz not null,
  -- Until then agents keep the predecessor.
  overlap_ends_at timestamptz not null,
  primary key (account_id, ordinal)
);
