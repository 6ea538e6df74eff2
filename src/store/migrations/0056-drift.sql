-- What an installed extension no longer holds, as the agent of its instance has reported; null: it
-- holds, or nobody has looked.
alter table installed_states
  add column drifted_at timestamptz,
  add column drift_messages jsonb;
create index installed_states_drifted on installed_states (account_id, extension_id) where drifted_at is not null;
alter table assignments add column repair boolean not null default false;
