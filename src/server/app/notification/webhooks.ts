import { chandlerError } from '../../../core/error/errors.ts'
import { makeWebhookId } from '../../../core/id.ts'
import type { EventType } from '../../../core/notification/event.ts'
import {
  findFormat,
  findWebhookProblem,
  isSignedFormat,
  maskWebhookUrl,
  takesServiceSecret,
  type WebhookFormat,
} from '../../../core/notification/parse-webhook.ts'
import { isWebhookSecret, renderWebhookSecret } from '../../../lib/outbound/webhook-signature.ts'
import type { Connection } from '../../../store/database/database.ts'
import {
  countDeliveries,
  type DeliveryRecord,
  listDeliveries,
  renewDelivery,
} from '../../../store/notification/deliveries.ts'
import { insertEventFor } from '../../../store/notification/events.ts'
import {
  deleteWebhook,
  getWebhook,
  insertWebhook,
  listWebhooks,
  updateWebhook,
  type WebhookRow,
} from '../../../store/notification/webhooks.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext, SecretBox } from '../context.ts'

export type { DeliveryRecord }

/** Where events are sent, and who signs them. */
export interface WebhookTarget {
  readonly url: string
  /** `json`: generated, signs deliveries; DingTalk and Feishu: that of the robot. */
  readonly secret?: string | undefined
}

export interface WebhookRequest {
  readonly name: string
  readonly url: string
  /** Absent: the one that fits the URL. */
  readonly format?: WebhookFormat | undefined
  readonly events: readonly EventType[]
  /** The secret of a DingTalk or Feishu robot, or the one that signs deliveries of the format `json`. */
  readonly serviceSecret?: string | undefined
}

/** A webhook as pages show it: without secrets. */
export interface WebhookRecord {
  readonly webhook: WebhookRow
  /** Deliveries that are due, and that were given up. */
  readonly pending: number
  readonly failed: number
}

const contextOf = (id: string) => `webhook/${id}`

export const openWebhookTarget = (
  secrets: SecretBox,
  { id, target_sealed: sealed }: Pick<WebhookRow, 'id' | 'target_sealed'>,
): WebhookTarget => JSON.parse(secrets.open(sealed, contextOf(id)).toString('utf8')) as WebhookTarget

/** A webhook with the secret that was generated for it, if one was: only this result contains it. */
export type MadeWebhook = WebhookRecord & { readonly secret?: string | undefined }

/** @throws WebhookInvalid, WebhookExists */
export async function createWebhook(context: AppContext, actor: Actor, request: WebhookRequest): Promise<MadeWebhook> {
  const { name } = request
  const id = makeWebhookId(context.random)
  const { generated, audited, row } = makeTarget(context, id, request, undefined)
  const webhook = await context.database.transaction().execute(async (transaction) => {
    const inserted = await insertWebhook(transaction, {
      id,
      account_id: actor.accountId,
      name,
      ...row,
      created_by: actor.name,
    })
    if (!inserted) throw chandlerError('WebhookExists', { name })
    await writeAudit(transaction, actor, 'CreateWebhook', `webhook/${name}`, audited)
    return inserted
  })
  return { webhook, pending: 0, failed: 0, secret: generated }
}

/**
 * Changes a webhook, or creates it. URL and secret remain if the request has none. Deliveries that
 * are due are sent to the new URL.
 * @throws WebhookInvalid; WebhookNotFound if it has to be created and has no URL
 */
export async function putWebhook(
  context: AppContext,
  actor: Actor,
  request: Omit<WebhookRequest, 'url'> & { readonly url?: string | undefined },
): Promise<MadeWebhook> {
  const { name, url } = request
  const known = await getWebhook(context.database, actor.accountId, name)
  if (!known) {
    if (url === undefined) throw chandlerError('WebhookNotFound', { name })
    return createWebhook(context, actor, { ...request, url })
  }
  const before = { ...openWebhookTarget(context.secrets, known), format: known.format }
  const { generated, audited, row } = makeTarget(context, known.id, { ...request, url: url ?? before.url }, before)
  await context.database.transaction().execute(async (transaction) => {
    await updateWebhook(transaction, known.id, row)
    await writeAudit(transaction, actor, 'UpdateWebhook', `webhook/${name}`, audited)
  })
  return { ...(await readWebhook(context, actor, name)), secret: generated }
}

/** @param before the target of the webhook that is replaced: its secret remains if the format does. */
function makeTarget(
  context: AppContext,
  id: string,
  { name, url, format: given, events, serviceSecret }: WebhookRequest,
  before: (WebhookTarget & { readonly format: WebhookFormat }) | undefined,
) {
  const refuse = (reason: string) => chandlerError('WebhookInvalid', { name, reason })
  if (!URL.canParse(url)) throw refuse('its URL is not valid')
  const address = new URL(url)
  const format = given ?? findFormat(address)
  const problem = findWebhookProblem(address, format)
  if (problem !== undefined) throw refuse(problem)
  if (serviceSecret !== undefined) {
    if (isSignedFormat(format) && !isWebhookSecret(serviceSecret))
      throw refuse('its secret is not whsec_ and 24 to 64 bytes as base64')
    if (!isSignedFormat(format) && !takesServiceSecret(format))
      throw refuse(`the format ${format} has no secret of the service`)
  }
  if (format === 'email' && !context.sendMail) throw refuse('the server has no mail server (CHANDLER_SMTP_URL)')
  const kept = serviceSecret ?? (before?.format === format ? before.secret : undefined)
  const generated = kept === undefined && isSignedFormat(format) ? renderWebhookSecret(context.random(32)) : undefined
  const target: WebhookTarget = { url: address.href, secret: kept ?? generated }
  const shownUrl = maskWebhookUrl(address, format)
  const row = {
    format,
    events: [...new Set(events)],
    shown_url: shownUrl,
    target_sealed: context.secrets.seal(JSON.stringify(target), contextOf(id)),
  }
  return { generated, row, audited: { url: shownUrl, format, events } }
}

export async function readWebhooks({ database }: AppContext, { accountId }: Actor): Promise<WebhookRecord[]> {
  const rows = await listWebhooks(database, accountId)
  const counts = await countDeliveries(
    database,
    rows.map(({ id }) => id),
  )
  return rows.map((webhook) => ({ webhook, pending: 0, failed: 0, ...counts.get(webhook.id) }))
}

/** @throws WebhookNotFound */
export async function readWebhook(
  { database }: AppContext,
  { accountId }: Actor,
  name: string,
): Promise<WebhookRecord> {
  const webhook = await requireWebhook(database, accountId, name)
  const counts = await countDeliveries(database, [webhook.id])
  return { webhook, pending: 0, failed: 0, ...counts.get(webhook.id) }
}

async function requireWebhook(
  connection: Connection,
  accountId: Actor['accountId'],
  name: string,
): Promise<WebhookRow> {
  const webhook = await getWebhook(connection, accountId, name)
  if (!webhook) throw chandlerError('WebhookNotFound', { name })
  return webhook
}

/** @throws WebhookNotFound */
export async function removeWebhook({ database }: AppContext, actor: Actor, name: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    if (!(await deleteWebhook(transaction, actor.accountId, name))) throw chandlerError('WebhookNotFound', { name })
    await writeAudit(transaction, actor, 'DeleteWebhook', `webhook/${name}`, {})
  })
}

/**
 * Queues a test event for a webhook. Returns the id of its delivery.
 * @throws WebhookNotFound
 */
export async function testWebhook({ database }: AppContext, actor: Actor, name: string): Promise<number> {
  return await database.transaction().execute(async (transaction) => {
    const { id } = await requireWebhook(transaction, actor.accountId, name)
    const data = { kind: 'test', webhook: name } as const
    const delivery = await insertEventFor(transaction, { id, accountId: actor.accountId }, 'webhook.test', data)
    await writeAudit(transaction, actor, 'TestWebhook', `webhook/${name}`, {})
    return delivery
  })
}

/**
 * The deliveries of a webhook, the newest first.
 * @throws WebhookNotFound
 */
export async function readDeliveries(
  { database }: AppContext,
  { accountId }: Actor,
  name: string,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<DeliveryRecord[]> {
  const { id } = await requireWebhook(database, accountId, name)
  return await listDeliveries(database, id, page)
}

/**
 * Sends a delivery again, with the same event and id.
 * @throws WebhookNotFound, DeliveryNotFound
 */
export async function replayDelivery({ database }: AppContext, actor: Actor, name: string, id: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const webhook = await requireWebhook(transaction, actor.accountId, name)
    if (!/^\d{1,15}$/.test(id) || !(await renewDelivery(transaction, webhook.id, Number(id))))
      throw chandlerError('DeliveryNotFound', { id, name })
    await writeAudit(transaction, actor, 'ReplayDelivery', `webhook/${name}`, { delivery: id })
  })
}
