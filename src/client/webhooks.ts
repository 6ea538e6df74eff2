import {
  createdWebhookSchema,
  deliveriesSchema,
  queuedTestSchema,
  type WebhookInput,
  type WebhookReplacement,
  webhookSchema,
  webhooksSchema,
} from '../protocol/api/automation/webhooks.ts'
import { pathOf, type Transport } from './transport.ts'

/** Receivers of events of the account. */
export const createWebhooksClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/webhooks', webhooksSchema),
  get: (name: string) => transport.request('GET', pathOf`/webhooks/${name}`, webhookSchema),
  create: (body: WebhookInput) => transport.request('POST', '/webhooks', createdWebhookSchema, { body }),
  /** Creates it, or replaces its fields. */
  put: (name: string, body: WebhookReplacement) =>
    transport.request('PUT', pathOf`/webhooks/${name}`, createdWebhookSchema, { body }),
  delete: (name: string) => transport.send('DELETE', pathOf`/webhooks/${name}`),
  test: (name: string) => transport.request('POST', pathOf`/webhooks/${name}/test`, queuedTestSchema),
  deliveries: (name: string, query: { maxResults?: number; nextToken?: string } = {}) =>
    transport.request('GET', pathOf`/webhooks/${name}/deliveries`, deliveriesSchema, { query }),
  replay: (name: string, id: number) =>
    transport.send('POST', pathOf`/webhooks/${name}/deliveries/${String(id)}/replay`),
})
