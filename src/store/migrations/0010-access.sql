-- Who may do what: users and their policies, and the roles of instances. Policies that are built in are in the program, not here;
-- that is why attachments name policies without a foreign key. Changes of these tables are made under the account's row lock.

create table users (
  account_id text not null references accounts,
  name text not null,
  description text not null default '',
  created_at timestamptz not null default now(),
  primary key (account_id, name)
);
create table roles (
  account_id text not null references accounts,
  name text not null,
  description text not null default '',
  created_at timestamptz not null default now(),
  primary key (account_id, name)
);
create table policies (
  account_id text not null references accounts,
  name text not null,
  description text not null default '',
  -- As it was given, not jsonb: people get back what they wrote.
  document json not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, name)
);
create table user_policies (
  account_id text not null,
  user_name text not null,
  policy_name text not null,
  attached_at timestamptz not null default now(),
  primary key (account_id, user_name, policy_name),
  foreign key (account_id, user_name) references users on delete cascade
);
create index user_policies_by_policy on user_policies (account_id, policy_name);
create table role_policies (
  account_id text not null,
  role_name text not null,
  policy_name text not null,
  attached_at timestamptz not null default now(),
  primary key (account_id, role_name, policy_name),
  foreign key (account_id, role_name) references roles on delete cascade
);
create index role_policies_by_policy on role_policies (account_id, policy_name);

-- Until now every key could do everything, whoever's it was: it still can, and can now be given less.
insert into users (account_id, name, description) select id, 'admin', 'administrator of the account' from accounts;
insert into users (account_id, name, created_at)
  select account_id, user_name, min(created_at) from access_keys where user_name <> 'admin' group by account_id, user_name;
insert into user_policies (account_id, user_name, policy_name)
  select account_id, name, 'AdministratorAccess' from users where name <> 'admin';
alter table access_keys add constraint access_keys_user foreign key (account_id, user_name) references users;
create index access_keys_by_user on access_keys (account_id, user_name, id);

-- Roles that are built in are no rows either. A constant default is written to no row.
alter table instances add column role text not null default 'ExtensionInstance';
create index instances_by_role on instances (account_id, role) where removed_at is null;
alter table join_tokens add column role text not null default 'ExtensionInstance';
