-- Codes of an authenticator app (TOTP) as the second factor of users with a password. `last_step` is the
-- time step of the last accepted code: no code is accepted twice, on any server.
create table second_factors (
  account_id text not null,
  user_name text not null,
  id text not null unique,
  secret_sealed bytea not null,
  created_at timestamptz not null,
  -- Null: the user has not entered a first code yet, and signs in without one.
  confirmed_at timestamptz,
  last_step bigint not null default 0,
  primary key (account_id, user_name),
  foreign key (account_id, user_name) references users (account_id, name) on delete cascade
);

-- Each replaces one code of the app. 80 random bits: SHA-256 is enough.
create table recovery_codes (
  account_id text not null,
  user_name text not null,
  code_hash bytea not null,
  primary key (account_id, user_name, code_hash),
  foreign key (account_id, user_name) references second_factors (account_id, user_name) on delete cascade
);
