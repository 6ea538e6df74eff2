-- Uploads that come in pieces: what has been begun and by whom. How much is there is what the object store says.

create table uploads (
  id text primary key,
  account_id text not null references accounts,
  created_by text not null,
  size_bytes bigint not null,
  created_at timestamptz not null,
  -- When somebody last sent or asked: what nobody comes back to is removed.
  touched_at timestamptz not null,
  -- When it has become an artifact: kept, so that finishing it again gives the same answer.
  sha256 text
);
create index uploads_by_account on uploads (account_id) where sha256 is null;
create index uploads_by_age on uploads (touched_at);
