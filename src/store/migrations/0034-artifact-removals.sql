-- Artifacts of all accounts whose rows are deleted and whose bytes are being removed from the object store. The bytes are removed outside of a
-- transaction; after a crash in between, the next collection finds the row here and removes them.
create table artifact_removals (
  sha256 text primary key,
  at timestamptz not null default now()
);
