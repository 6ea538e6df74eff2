-- The audit log by where a request came from.
create index audit_log_by_source on audit_log (account_id, source, at desc, id desc);
