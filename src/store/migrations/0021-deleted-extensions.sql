-- Extensions that were deleted while instances had them: by this name those instances can still be cleaned up.
create table deleted_extensions (
  extension_id text primary key,
  account_id text not null references accounts,
  name text not null,
  deleted_at timestamptz not null default now()
);
create index deleted_extensions_by_name on deleted_extensions (account_id, name, deleted_at desc);
