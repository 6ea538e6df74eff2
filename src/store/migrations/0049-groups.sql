-- Saved groups: named filters over the instances of an account. What a group matches is computed
-- when it is used; the counts are those of its last use, see core/instance/group.ts.
create table groups (
  account_id text not null references accounts,
  name text not null,
  description text not null default '',
  filter text not null,
  known_matching int not null,
  known_total int not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, name)
);
