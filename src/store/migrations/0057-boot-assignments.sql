-- Names of the assignments that an instance still awaits since it joined: it is ready when none is
-- left. Empty: not evaluated yet; null: none.
alter table instances add column boot_assignments text[];
create index instances_awaiting on instances (account_id) where boot_assignments is not null and removed_at is null;
