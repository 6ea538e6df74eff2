-- Package files as objects of buckets, and versions as the content of OOS templates.

create table buckets (
  account_id text not null references accounts,
  name text not null,
  created_by text not null default '',
  created_at timestamptz not null default now(),
  primary key (account_id, name)
);

-- A key names an artifact. What a version was created with does not follow a key that is overwritten: versions hold the sha256.
create table objects (
  account_id text not null,
  bucket text not null,
  -- In the order of its bytes, so that the keys of a prefix stand together.
  key text collate "C" not null,
  sha256 text not null,
  size_bytes bigint not null,
  updated_at timestamptz not null default now(),
  primary key (account_id, bucket, key),
  foreign key (account_id, bucket) references buckets,
  foreign key (account_id, sha256) references artifacts
);
create index objects_by_artifact on objects (account_id, sha256);

alter table extensions
  add column tags jsonb not null default '{}',
  add column resource_group text not null default '',
  add column created_by text not null default '',
  add column updated_by text not null default '';
create index extensions_by_tag on extensions using gin (tags jsonb_path_ops);
create index extensions_by_name on extensions (account_id, name collate "C");
create index extensions_by_creation on extensions (account_id, created_at, name collate "C");
create index extensions_by_update on extensions (account_id, updated_at, name collate "C");

-- `content` is what a client of OOS sent, word for word, or what the version was rendered as when it was created; null only in rows that are
-- older than this schema, until the server has rendered them at its start.
alter table extension_versions
  add column content text,
  add column content_format text,
  add column content_sha256 text,
  -- As OOS shows it: the text of the content, or JSON where that has several.
  add column content_description text not null default '',
  add column created_by text not null default '';
create index extension_versions_without_content on extension_versions (extension_id, version) where content is null;

-- How many executions of an extension were ever started: counted as they start, for counting rows costs more with every one of them.
create table extension_execution_counts (
  extension_id text primary key references extensions on delete cascade,
  account_id text not null references accounts,
  started bigint not null
);
insert into extension_execution_counts (extension_id, account_id, started)
select e.id, e.account_id, count(*) from executions x join extensions e on e.id = x.extension_id group by e.id, e.account_id;

-- Which templates a user has marked. By name, for public templates have no row.
create table favorite_templates (
  account_id text not null references accounts,
  template_name text not null,
  user_name text not null,
  primary key (account_id, template_name, user_name)
);
