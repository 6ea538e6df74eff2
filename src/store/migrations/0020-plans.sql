-- Plans are kept for a while: for their further pages, and for what differs when one is started with the digest of another.

create table plans (
  id text primary key,
  account_id text not null references accounts,
  created_by text not null,
  digest text not null,
  -- The templates that reading it is authorised with.
  templates text[] not null,
  created_at timestamptz not null default now()
);
create index plans_by_digest on plans (account_id, digest, created_at desc);
create index plans_by_user on plans (account_id, created_by, created_at desc);

create table plan_pages (
  plan_id text not null references plans on delete cascade,
  number integer not null,
  -- JSON of up to 1,000 targets, read as a whole.
  targets text not null,
  primary key (plan_id, number)
);
