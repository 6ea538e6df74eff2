-- What a client of the OOS API wrote when it created or changed an assignment, so that answers
-- repeat it: {"targets": text, "scheduleExpression": text}. Null for assignments of the native API.
alter table assignments add column state_configuration jsonb;
