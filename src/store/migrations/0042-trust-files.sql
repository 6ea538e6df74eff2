-- The trust files that users published, for the instances that have one already: each instance verifies the signatures itself. A few rows.
create table trust_files (
  account_id text not null references accounts,
  version integer not null,
  content text not null,
  signatures text[] not null,
  created_at timestamptz not null,
  created_by text not null,
  primary key (account_id, version)
);
