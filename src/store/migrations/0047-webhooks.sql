-- Webhooks: receivers of events, and the events and deliveries that are due. Adds columns and tables only.

create table webhooks (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  format text not null,
  events text[] not null,
  -- What pages may show of the URL.
  shown_url text not null,
  -- Sealed JSON {"url", "secret"}; context "webhook/<id>".
  target_sealed bytea not null,
  -- Attempts that failed in a row; until `paused_until` no delivery is attempted.
  failures integer not null default 0,
  paused_until timestamptz,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (account_id, name)
);

create table notification_events (
  id bigint generated always as identity primary key,
  account_id text not null,
  type text not null,
  at timestamptz not null default clock_timestamp(),
  data jsonb not null
);
create index notification_events_by_time on notification_events (at);

create table webhook_deliveries (
  id bigint generated always as identity primary key,
  webhook_id text not null references webhooks on delete cascade,
  event_id bigint not null references notification_events on delete cascade,
  account_id text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  -- When its lifetime began: its creation, or its last replay.
  since timestamptz not null default clock_timestamp(),
  next_attempt_at timestamptz not null default clock_timestamp(),
  last_attempt_at timestamptz,
  -- Of the last attempt; never a whole response.
  last_status integer,
  last_fault text
);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at, id) where status = 'pending';
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id desc);
create index webhook_deliveries_by_event on webhook_deliveries (event_id);

-- When an event reported that an instance is offline; before `last_seen_at`: an earlier absence.
alter table instances add column offline_noted_at timestamptz;
