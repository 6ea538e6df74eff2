-- Parameter values of an extension that users declare for a group, a tag or an instance.
create table declared_values (
  account_id text not null references accounts,
  scope text not null check (scope in ('group', 'tag', 'instance')),
  -- Name of the group, KEY=VALUE of the tag, or id of the instance.
  subject text not null,
  -- By name, so that they remain when an extension is deleted and created again.
  extension_name text not null,
  -- By parameter; never empty.
  values jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  primary key (account_id, extension_name, scope, subject)
);
