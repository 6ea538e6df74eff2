-- The canonical bytes of a version, as its publisher signs them; null: the version predates them, and they are derived from its columns.
alter table extension_versions add column canonical text;

-- Signatures by the SHA-256 of the bytes that they sign: canonical versions, agents, trust files. They are verified before they are stored;
-- an instance verifies them again, against its own trust file. A few rows per signed thing, read by their key.
create table signatures (
  account_id text not null references accounts,
  subject_sha256 text not null,
  namespace text not null,
  key_fingerprint text not null,
  public_key text not null,
  signature text not null,
  created_at timestamptz not null,
  created_by text not null,
  primary key (account_id, subject_sha256, namespace, key_fingerprint)
);
