import { sql } from 'kysely'
import type { AccountId, InstanceId } from '../../core/id.ts'
import type { EventData, NotificationEvent } from '../../core/notification/event.ts'
import type { Connection } from '../database/database.ts'

/**
 * Stores an event and a delivery of it to each webhook of the account that subscribes to it; nothing
 * if there is none. In the transaction of what happened, neither exists without the other.
 */
export async function insertEvent(
  connection: Connection,
  accountId: AccountId,
  type: NotificationEvent['type'],
  data: EventData,
): Promise<void> {
  await sql`
    with hooks as (select id from webhooks where account_id = ${accountId} and ${type} = any(events)),
    event as (
      insert into notification_events (account_id, type, data)
      select ${accountId}, ${type}, ${JSON.stringify(data)}::jsonb where exists (select 1 from hooks)
      returning id
    )
    insert into webhook_deliveries (webhook_id, event_id, account_id)
    select hooks.id, event.id, ${accountId} from hooks, event
  `.execute(connection)
}

/** Stores an event for one webhook, whatever it subscribes to. Returns the id of the delivery. */
export async function insertEventFor(
  connection: Connection,
  webhook: { readonly id: string; readonly accountId: AccountId },
  type: NotificationEvent['type'],
  data: EventData,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with event as (
      insert into notification_events (account_id, type, data)
      values (${webhook.accountId}, ${type}, ${JSON.stringify(data)}::jsonb)
      returning id
    )
    insert into webhook_deliveries (webhook_id, event_id, account_id)
    select ${webhook.id}, event.id, ${webhook.accountId} from event
    returning id
  `.execute(connection)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('an event was not stored')
  return id
}

/** An instance that is offline since `lastSeenAt`, in ms since 1970. */
export interface OfflineInstance {
  readonly id: InstanceId
  readonly accountId: AccountId
  readonly name: string
  readonly lastSeenAt: number
}

/**
 * Marks instances that have been offline for `afterMs` as reported, and returns them; only of
 * accounts with a webhook for them that existed when they went offline. Each absence is returned
 * once, on one server.
 */
export async function takeOfflineInstances(
  connection: Connection,
  now: Date,
  { afterMs, limit }: { readonly afterMs: number; readonly limit: number },
): Promise<OfflineInstance[]> {
  const { rows } = await sql<Omit<OfflineInstance, 'lastSeenAt'> & { lastSeenAt: Date }>`
    with subscribers as (
      select account_id, min(created_at) as since from webhooks where 'instance.offline' = any(events) group by account_id
    ),
    gone as (
      select i.id from subscribers s join instances i on i.account_id = s.account_id
      where i.removed_at is null and i.connected_to is null and i.admission <> 'pending'
        and i.last_seen_at > s.since and i.last_seen_at <= ${now}::timestamptz - ${afterMs} * interval '1 millisecond'
        and (i.offline_noted_at is null or i.offline_noted_at < i.last_seen_at)
      order by i.id
      limit ${limit}
      for no key update of i skip locked
    )
    update instances i set offline_noted_at = ${now} from gone where i.id = gone.id
    returning i.id, i.account_id as "accountId", i.name, i.last_seen_at as "lastSeenAt"
  `.execute(connection)
  return rows.map((row) => ({ ...row, lastSeenAt: row.lastSeenAt.getTime() }))
}

/** Removes up to `limit` events of before a time, with their deliveries. Returns their number. */
export async function deleteOldEvents(connection: Connection, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notification_events where id in (
      select e.id from notification_events e
      where e.at < ${before}
        and not exists (select 1 from webhook_deliveries d where d.event_id = e.id and d.status = 'pending')
      limit ${limit}
    )
  `.execute(connection)
  return Number(numAffectedRows ?? 0)
}
