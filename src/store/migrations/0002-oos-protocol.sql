-- What the OOS API needs of its own: nonces that were used, and an account's service settings.

-- A signed request counts once, on whichever server it arrives. Rows go when no request of their time would be taken any more.
create table request_nonces (
  account_id text not null references accounts,
  access_key_id text not null references access_keys on delete cascade,
  nonce text not null,
  expires_at timestamptz not null,
  primary key (access_key_id, nonce)
);
create index request_nonces_by_expiry on request_nonces (account_id, expires_at);

create table service_settings (
  account_id text primary key references accounts,
  settings jsonb not null,
  updated_at timestamptz not null default now()
);
