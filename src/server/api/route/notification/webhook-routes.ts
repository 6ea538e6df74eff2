import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { describeEvent } from '../../../../core/notification/describe-event.ts'
import { eventTypes } from '../../../../core/notification/event.ts'
import { isMaskedUrl } from '../../../../core/notification/parse-webhook.ts'
import {
  createdWebhookSchema,
  deliveriesSchema,
  type deliverySchema,
  queuedTestSchema,
  webhookInputSchema,
  webhookReplacementSchema,
  webhookSchema,
  webhooksSchema,
} from '../../../../protocol/api/automation/webhooks.ts'
import { pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import {
  createWebhook,
  type DeliveryRecord,
  type MadeWebhook,
  putWebhook,
  readDeliveries,
  readWebhook,
  readWebhooks,
  removeWebhook,
  replayDelivery,
  testWebhook,
  type WebhookRecord,
} from '../../../app/notification/webhooks.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['webhooks']
const params = z.object({ name: z.string().min(1).max(64) })
const deliveryParams = params.extend({ id: z.string().max(64) })

/** Webhooks: receivers of events of the account. */
export function registerWebhookRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/webhooks',
    {
      config: { access: [{ action: 'chandler:ListWebhooks', on: 'webhook/*' }] },
      schema: { tags, summary: 'List the webhooks', response: { 200: webhooksSchema } },
    },
    async ({ actor }) => ({ items: (await readWebhooks(context, actor)).map(present) }),
  )

  routes.post(
    '/api/v1/webhooks',
    {
      config: { access: [{ action: 'chandler:CreateWebhook', on: 'webhook/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create a webhook',
        description:
          'It receives the events of the whole account. The secret that signs its deliveries is returned only in this response.',
        body: webhookInputSchema,
        response: { 201: createdWebhookSchema },
      },
    },
    async ({ actor, body }, reply) =>
      reply
        .code(201)
        .send(presentMade(await createWebhook(context, actor, { ...body, events: body.events ?? eventTypes }))),
  )

  routes.put(
    '/api/v1/webhooks/:name',
    {
      config: {
        access: [
          { action: 'chandler:CreateWebhook', on: 'webhook/{params.name}' },
          { action: 'chandler:UpdateWebhook', on: 'webhook/{params.name}' },
        ],
      },
      schema: {
        tags,
        summary: 'Create a webhook, or replace its fields',
        description:
          'URL and secret remain if they are absent. Deliveries that are due are sent to the new URL. A secret is returned only if one was generated.',
        params: z.object({ name: webhookInputSchema.shape.name }),
        body: webhookReplacementSchema,
        response: { 200: createdWebhookSchema },
      },
    },
    async ({ actor, params: { name }, body }) =>
      presentMade(await putWebhook(context, actor, { name, ...body, events: body.events ?? eventTypes })),
  )

  routes.get(
    '/api/v1/webhooks/:name',
    {
      config: { access: [{ action: 'chandler:GetWebhook', on: 'webhook/{params.name}' }] },
      schema: { tags, summary: 'Get a webhook', params, response: { 200: webhookSchema } },
    },
    async ({ actor, params: { name } }) => present(await readWebhook(context, actor, name)),
  )

  routes.delete(
    '/api/v1/webhooks/:name',
    {
      config: { access: [{ action: 'chandler:DeleteWebhook', on: 'webhook/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a webhook and its deliveries',
        params,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name } }, reply) => {
      await removeWebhook(context, actor, name)
      return reply.code(204).send(null)
    },
  )

  routes.post(
    '/api/v1/webhooks/:name/test',
    {
      config: { access: [{ action: 'chandler:TestWebhook', on: 'webhook/{params.name}' }] },
      schema: {
        tags,
        summary: 'Send a test event to a webhook',
        params,
        response: { 202: queuedTestSchema },
      },
    },
    async ({ actor, params: { name } }, reply) =>
      reply.code(202).send({ delivery: await testWebhook(context, actor, name) }),
  )

  routes.get(
    '/api/v1/webhooks/:name/deliveries',
    {
      config: { access: [{ action: 'chandler:GetWebhook', on: 'webhook/{params.name}' }] },
      schema: {
        tags,
        summary: 'List the deliveries of a webhook, the newest first',
        params,
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: deliveriesSchema },
      },
    },
    async ({ actor, params: { name }, query: { maxResults, nextToken } }) => {
      const before = parsePageToken(nextToken, ['number'])?.[0]
      const rows = await readDeliveries(context, actor, name, { before, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ id }) => [id], presentDelivery)
    },
  )

  routes.post(
    '/api/v1/webhooks/:name/deliveries/:id/replay',
    {
      config: { access: [{ action: 'chandler:ReplayDelivery', on: 'webhook/{params.name}' }] },
      schema: {
        tags,
        summary: 'Send a delivery again',
        params: deliveryParams,
        response: { 202: z.null().describe('Queued') },
      },
    },
    async ({ actor, params: { name, id } }, reply) => {
      await replayDelivery(context, actor, name, id)
      return reply.code(202).send(null)
    },
  )
}

const presentMade = ({ secret, ...made }: MadeWebhook): z.input<typeof createdWebhookSchema> => ({
  ...present(made),
  ...(secret === undefined ? {} : { secret }),
})

const present = ({ webhook, pending, failed }: WebhookRecord): z.input<typeof webhookSchema> => ({
  name: webhook.name,
  url: webhook.shown_url,
  urlHidden: isMaskedUrl(webhook.shown_url),
  format: webhook.format,
  events: eventTypes.filter((type) => webhook.events.includes(type)),
  createdBy: webhook.created_by,
  createdAt: webhook.created_at.toISOString(),
  pending,
  failed,
  failures: webhook.failures,
  ...(webhook.paused_until === null ? {} : { pausedUntil: webhook.paused_until.toISOString() }),
})

function presentDelivery(delivery: DeliveryRecord): z.input<typeof deliverySchema> {
  const { id, eventId, type, at, data, status, attempts, lastAttemptAt, nextAttemptAt, lastStatus, lastFault } =
    delivery
  const event = { id: `evt-${eventId}`, type, at: at.getTime(), data }
  return {
    id,
    eventId: event.id,
    type,
    at: at.toISOString(),
    ...(data.kind === 'execution' ? { executionId: data.execution.id } : {}),
    title: describeEvent(event).title,
    status,
    attempts,
    ...(lastAttemptAt === null ? {} : { lastAttemptAt: lastAttemptAt.toISOString() }),
    ...(nextAttemptAt === null ? {} : { nextAttemptAt: nextAttemptAt.toISOString() }),
    ...(lastStatus === null ? {} : { lastStatus }),
    ...(lastFault === null ? {} : { lastFault }),
  }
}
