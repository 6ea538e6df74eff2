-- Signing in with name and password. A password as the PHC string format has it: `$scrypt$ln=15,r=8,p=3$SALT$HASH`; null: nobody can.
alter table users add column password_hash text;

create table sessions (
  -- SHA-256 of the token; the token itself is only in the cookie.
  token_hash bytea primary key,
  account_id text not null,
  user_name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (account_id, user_name) references users on delete cascade
);
create index sessions_by_user on sessions (account_id, user_name);
create index sessions_by_end on sessions (expires_at);
