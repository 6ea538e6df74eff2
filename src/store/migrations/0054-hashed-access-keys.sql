-- Access keys for the native API have a hash of their secret. Signatures of the OOS API need the secret itself, which stays encrypted.
alter table access_keys alter column secret_sealed drop not null;
-- SHA-256 of the id and the secret, in hex; null: the secret is encrypted.
alter table access_keys add column secret_hash text;
alter table access_keys add check ((secret_sealed is null) <> (secret_hash is null));
