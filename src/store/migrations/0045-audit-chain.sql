-- Audit log entries form a chain per account. Writers insert entries without a place; one server at
-- a time gives committed entries consecutive numbers and hashes, so that writers never wait for
-- each other. The chain's row has its end, and the place before its first kept entry.
alter table audit_log add column seq bigint;
alter table audit_log add column hash text;
create unique index audit_log_by_seq on audit_log (account_id, seq) where seq is not null;
create index audit_log_unchained on audit_log (account_id, at, id) where seq is null;

create table audit_chains (
  account_id text primary key references accounts,
  first_seq bigint not null default 0,
  first_hash text not null default '',
  last_seq bigint not null default 0,
  last_hash text not null default ''
);

-- Where each export of the chain has arrived.
create table audit_exports (
  account_id text not null references accounts,
  receiver text not null,
  seq bigint not null default 0,
  leased_until timestamptz not null default '-infinity',
  failure text not null default '',
  failed_at timestamptz,
  primary key (account_id, receiver)
);
