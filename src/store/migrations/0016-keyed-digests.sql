-- Digests over parameter values are keyed with the server's secret key from now on; a keyed digest begins with '6b657931'. The
-- key is not in the database, so the server replaces the plain digests of earlier releases (rekey-digests.ts). These
-- indexes hold the rows that it still has to replace: after that they stay empty and cost nothing. Building them reads each
-- table once; writes to it wait for that (about 1 s for a million installed states).
create index executions_plain_digest on executions (id) where request_digest not like '6b657931%';
create index execution_parts_plain_digest on execution_parts (execution_id, part)
  where parameters_digest not like '6b657931%';
create index installed_states_plain_digest on installed_states (instance_id, extension_id)
  where parameters_digest not like '6b657931%';
