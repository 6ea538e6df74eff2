-- Users of programs: they have no password, and their access keys expire.
alter table users add column service boolean not null default false;
