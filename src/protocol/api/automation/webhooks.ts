import { z } from 'zod'
import { eventTypes } from '../../../core/notification/event.ts'
import { webhookFormats } from '../../../core/notification/parse-webhook.ts'
import { instantSchema, pageOf } from '../page.ts'

export const webhookSchema = z
  .object({
    name: z.string(),
    /** Without its secret parts, which `…` replaces. */
    url: z.string(),
    urlHidden: z.boolean().describe('`url` is not complete: its other parts are secret.'),
    format: z.enum(webhookFormats),
    events: z.array(z.enum(eventTypes)),
    createdBy: z.string(),
    createdAt: instantSchema,
    /** Deliveries that are due or wait for the next attempt, and those that were given up. */
    pending: z.int(),
    failed: z.int(),
    /** Attempts that failed in a row; 0: the last one was accepted. */
    failures: z.int(),
    /** The receiver failed: no delivery is attempted before. */
    pausedUntil: instantSchema.optional(),
  })
  .meta({ id: 'Webhook' })
export type WebhookView = z.output<typeof webhookSchema>
export const webhooksSchema = z.object({ items: z.array(webhookSchema) })
export const createdWebhookSchema = webhookSchema
  .extend({
    /** The generated secret that signs deliveries of the format `json`; only this response contains it. */
    secret: z.string().optional(),
  })
  .meta({ id: 'CreatedWebhook' })

const serviceSecretSchema = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe(
    'The secret that a DingTalk or Feishu robot verifies. For `json`: the signing secret, `whsec_` and 24 to 64 bytes as base64; absent: generated, or kept when a webhook is replaced.',
  )

/** POST /webhooks. */
export const webhookInputSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
    url: z.string().min(1).max(2_000),
    /** Absent: the one that fits the URL. */
    format: z.enum(webhookFormats).optional(),
    /** Absent: all. */
    events: z.array(z.enum(eventTypes)).min(1).optional(),
    serviceSecret: serviceSecretSchema,
  })
  .meta({ id: 'WebhookRequest' })
export type WebhookInput = z.input<typeof webhookInputSchema>

/** PUT /webhooks/{name}. */
export const webhookReplacementSchema = z
  .strictObject({
    /** Absent: that of the existing webhook. */
    url: z.string().min(1).max(2_000).optional(),
    /** Absent: the one that fits the URL. */
    format: z.enum(webhookFormats).optional(),
    /** Absent: all. */
    events: z.array(z.enum(eventTypes)).min(1).optional(),
    serviceSecret: serviceSecretSchema,
  })
  .meta({ id: 'WebhookReplacement' })
export type WebhookReplacement = z.input<typeof webhookReplacementSchema>

export const deliverySchema = z
  .object({
    id: z.int(),
    eventId: z.string(),
    type: z.enum([...eventTypes, 'webhook.test']),
    at: instantSchema,
    /** What it is about: an execution, or empty. */
    executionId: z.string().optional(),
    title: z.string(),
    status: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.int(),
    lastAttemptAt: instantSchema.optional(),
    nextAttemptAt: instantSchema.optional(),
    /** The HTTP status of the last attempt. */
    lastStatus: z.int().optional(),
    /** Why the last attempt had no status. */
    lastFault: z.string().optional(),
  })
  .meta({ id: 'WebhookDelivery' })
export const deliveriesSchema = pageOf(deliverySchema)
export type DeliveryView = z.output<typeof deliverySchema>

/** POST /webhooks/{name}/test: the id of the delivery. */
export const queuedTestSchema = z.object({ delivery: z.int() })
