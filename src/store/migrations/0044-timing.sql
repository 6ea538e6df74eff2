-- When executions may start tasks, and when nothing may start in an account.

-- {"notBefore": ms, "window": {"days", "startMinute", "endMinute", "timeZone"}, "ignoresFreezes": true}, each optional.
alter table executions add column timing jsonb;

create table freezes (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (account_id, name),
  check (ends_at > begins_at)
);
create index freezes_by_time on freezes (account_id, ends_at);
