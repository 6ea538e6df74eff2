-- Access keys can expire, and show when and from where they were used last (written in batches, not with each request).
alter table access_keys
  add column expires_at timestamptz,
  add column last_used_at timestamptz,
  add column last_used_from text;

-- Sessions get an id that can be shown: part of the SHA-256 of a random token, which leads back to nothing. It is computed here so that
-- the sessions of a server of an earlier release have one, too. The table is small: writing it anew takes no time.
alter table sessions
  add column id text generated always as ('ses-' || substr(encode(token_hash, 'hex'), 1, 20)) stored,
  add column source text not null default '',
  add column user_agent text not null default '';
create unique index sessions_by_id on sessions (id);

-- Which access key a request was made with.
alter table audit_log add column access_key text;
