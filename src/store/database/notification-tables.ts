import type { Generated } from 'kysely'
import type { DeliveryFault } from '../../core/notification/decide-delivery.ts'
import type { EventData, NotificationEvent } from '../../core/notification/event.ts'
import type { WebhookFormat } from '../../core/notification/parse-webhook.ts'

/** Webhooks, and the events that are delivered to them. */
export interface NotificationTables {
  webhooks: {
    id: string
    account_id: string
    name: string
    format: WebhookFormat
    events: string[]
    shown_url: string
    target_sealed: Buffer
    failures: Generated<number>
    paused_until: Date | null
    created_by: string
    created_at: Generated<Date>
  }
  notification_events: {
    id: Generated<number>
    account_id: string
    type: NotificationEvent['type']
    at: Generated<Date>
    data: EventData
  }
  webhook_deliveries: {
    id: Generated<number>
    webhook_id: string
    event_id: number
    account_id: string
    status: Generated<'pending' | 'delivered' | 'failed'>
    attempts: Generated<number>
    created_at: Generated<Date>
    since: Generated<Date>
    next_attempt_at: Generated<Date>
    last_attempt_at: Date | null
    last_status: number | null
    last_fault: DeliveryFault | null
  }
}
