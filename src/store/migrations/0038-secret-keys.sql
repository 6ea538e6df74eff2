-- Keys that the servers of a database share, sealed with their secret key. `digest`: of the keyed digests of parameter values, from the first
-- replacement of the secret key on (before, it is derived from the secret key); it stays, because agents keep digests, too. `replacement`: while
-- a replacement of the secret key is unfinished, a text sealed with the new one.
create table secret_keys (
  account_id text not null references accounts,
  purpose text not null check (purpose in ('digest', 'replacement')),
  key_sealed bytea not null,
  primary key (account_id, purpose)
);
