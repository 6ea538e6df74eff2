-- How often an invocation could not be prepared since it was last handed out, and when the server tries again. A constant default: no
-- row is rewritten.
alter table invocations
  add column hand_out_failures integer not null default 0,
  add column hand_out_after timestamptz;
