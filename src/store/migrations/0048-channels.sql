-- A channel of an extension points to one of its versions.
create table extension_channels (
  account_id text not null references accounts,
  extension_id text not null,
  name text not null,
  version int not null,
  promoted_by text not null,
  promoted_at timestamptz not null default now(),
  primary key (extension_id, name),
  foreign key (extension_id, version) references extension_versions (extension_id, version) on delete cascade
);
