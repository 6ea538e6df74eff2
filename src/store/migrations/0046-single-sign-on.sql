-- Users that sign in through an identity provider: the provider's subject identifies them, never
-- their name. Their sessions have the roles that their groups gave them at sign-in.
alter table users add column sso_issuer text;
alter table users add column sso_subject text;
create unique index users_by_subject on users (account_id, sso_issuer, sso_subject) where sso_subject is not null;
alter table sessions add column roles text[] not null default '{}';
alter table sessions add column sso boolean not null default false;
