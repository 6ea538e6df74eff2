import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { DeliveryDecision, DeliveryFault, DeliveryResult } from '../../core/notification/decide-delivery.ts'
import type { EventData, NotificationEvent } from '../../core/notification/event.ts'
import type { WebhookFormat } from '../../core/notification/parse-webhook.ts'
import type { Connection } from '../database/database.ts'

/** A delivery to attempt now. */
export interface DueDelivery {
  readonly id: number
  readonly webhookId: string
  readonly format: WebhookFormat
  readonly sealed: Buffer
  /** Including the one that begins. */
  readonly attempts: number
  readonly ageMs: number
  /** Of the webhook, in a row. */
  readonly failures: number
  readonly accountId: AccountId
  readonly event: NotificationEvent
}

/**
 * Takes deliveries to attempt: a few of each webhook, or one if its last attempt failed. They are due
 * again after `leaseMs`, also if this server dies meanwhile.
 */
export async function takeDueDeliveries(
  connection: Connection,
  now: Date,
  options: { readonly perWebhook: number; readonly leaseMs: number; readonly except: readonly string[] },
): Promise<DueDelivery[]> {
  const { rows } = await sql<
    Omit<DueDelivery, 'event'> & { eventId: number; type: NotificationEvent['type']; at: Date; data: EventData }
  >`
    with due as (
      select d.id from webhooks w cross join lateral (
        select d.id from webhook_deliveries d
        where d.webhook_id = w.id and d.status = 'pending' and d.next_attempt_at <= ${now}
        order by d.next_attempt_at, d.id
        limit case when w.failures > 0 then 1 else ${options.perWebhook}::integer end
        for update skip locked
      ) d
      where (w.paused_until is null or w.paused_until <= ${now}) and w.id <> all(${options.except}::text[])
    )
    update webhook_deliveries d
    set next_attempt_at = ${now}::timestamptz + ${options.leaseMs} * interval '1 millisecond',
      attempts = d.attempts + 1, last_attempt_at = ${now}
    from due, webhooks w, notification_events e
    where d.id = due.id and w.id = d.webhook_id and e.id = d.event_id
    returning d.id, d.webhook_id as "webhookId", w.format, w.target_sealed as sealed, d.attempts, w.failures,
      d.account_id as "accountId", extract(epoch from ${now}::timestamptz - d.since)::float8 * 1000 as "ageMs",
      e.id as "eventId", e.type, e.at, e.data
  `.execute(connection)
  return rows
    .map(({ eventId, type, at, data, ...row }) => ({
      ...row,
      event: { id: `evt-${eventId}`, type, at: at.getTime(), data },
    }))
    .toSorted((a, b) => a.id - b.id)
}

/** Stores the result of an attempt and what follows from it, for the delivery and its webhook. */
export async function setDeliveryResult(
  connection: Connection,
  { id, webhookId }: Pick<DueDelivery, 'id' | 'webhookId'>,
  result: DeliveryResult,
  decision: DeliveryDecision,
  now: Date,
): Promise<void> {
  const status = decision.outcome === 'retry' ? 'pending' : decision.outcome
  const retryInMs = decision.outcome === 'retry' ? decision.retryInMs : 0
  const fault = result.accepted ? null : (result.fault ?? null)
  await sql`
    update webhook_deliveries
    set status = ${status}, last_status = ${result.status ?? null}, last_fault = ${fault},
      next_attempt_at = ${now}::timestamptz + ${retryInMs} * interval '1 millisecond'
    where id = ${id} and status = 'pending'
  `.execute(connection)
  if (decision.outcome === 'delivered') await endFailures(connection, webhookId, now)
  else if (decision.pauseMs !== undefined)
    await sql`
      update webhooks set failures = failures + 1,
        paused_until = ${now}::timestamptz + ${decision.pauseMs} * interval '1 millisecond'
      where id = ${webhookId}
    `.execute(connection)
}

/** The receiver is up: whatever waited for it is due now. */
async function endFailures(connection: Connection, webhookId: string, now: Date): Promise<void> {
  await sql`
    with recovered as (
      update webhooks set failures = 0, paused_until = null where id = ${webhookId} and failures > 0 returning id
    )
    update webhook_deliveries d set next_attempt_at = ${now}
    from recovered
    where d.webhook_id = recovered.id and d.status = 'pending' and d.next_attempt_at > ${now}
  `.execute(connection)
}

/** A delivery as the log of a webhook shows it. */
export interface DeliveryRecord {
  readonly id: number
  readonly eventId: number
  readonly type: NotificationEvent['type']
  readonly at: Date
  readonly data: EventData
  readonly status: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly lastAttemptAt: Date | null
  readonly nextAttemptAt: Date | null
  readonly lastStatus: number | null
  readonly lastFault: DeliveryFault | null
}

/** The deliveries of a webhook, the newest first. */
export async function listDeliveries(
  connection: Connection,
  webhookId: string,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<DeliveryRecord[]> {
  const { rows } = await sql<DeliveryRecord>`
    select d.id, d.event_id as "eventId", e.type, e.at, e.data, d.status, d.attempts,
      d.last_attempt_at as "lastAttemptAt", d.last_status as "lastStatus", d.last_fault as "lastFault",
      case when d.status = 'pending' then greatest(d.next_attempt_at, w.paused_until) end as "nextAttemptAt"
    from webhook_deliveries d
    join notification_events e on e.id = d.event_id
    join webhooks w on w.id = d.webhook_id
    where d.webhook_id = ${webhookId} ${before === undefined ? sql`` : sql`and d.id < ${before}`}
    order by d.id desc
    limit ${limit}
  `.execute(connection)
  return rows
}

/** Makes a delivery due now, whatever became of it. False if the webhook has no such delivery. */
export async function renewDelivery(connection: Connection, webhookId: string, id: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with replayed as (
      update webhook_deliveries
      set status = 'pending', since = clock_timestamp(), next_attempt_at = clock_timestamp(), attempts = 0
      where id = ${id} and webhook_id = ${webhookId}
      returning webhook_id
    )
    update webhooks set paused_until = null from replayed where id = replayed.webhook_id
  `.execute(connection)
  return (numAffectedRows ?? 0n) > 0n
}

/** The number of deliveries in each status. */
export async function countDeliveries(
  connection: Connection,
  webhookIds: readonly string[],
): Promise<Map<string, { pending: number; failed: number }>> {
  const { rows } = await sql<{ id: string; pending: number; failed: number }>`
    select webhook_id as id, count(*) filter (where status = 'pending') as pending,
      count(*) filter (where status = 'failed') as failed
    from webhook_deliveries where webhook_id = any(${webhookIds}::text[]) and status <> 'delivered' group by webhook_id
  `.execute(connection)
  return new Map(rows.map(({ id, pending, failed }) => [id, { pending: Number(pending), failed: Number(failed) }]))
}
