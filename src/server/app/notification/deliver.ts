import {
  isAcceptedByChat,
  renderDingTalk,
  renderFeishu,
  renderSlack,
  renderTeams,
} from '../../../core/notification/chat-messages.ts'
import { type DeliveryResult, decideDelivery } from '../../../core/notification/decide-delivery.ts'
import { describeEvent, findEventPath } from '../../../core/notification/describe-event.ts'
import type { AddressGuard } from '../../../lib/outbound/address-guard.ts'
import { type OutboundRequest, sendOutbound } from '../../../lib/outbound/outbound-request.ts'
import { signDingTalkUrl, signFeishu, signWebhook } from '../../../lib/outbound/webhook-signature.ts'
import { readDatabaseClock } from '../../../store/database/database-clock.ts'
import { type DueDelivery, setDeliveryResult, takeDueDeliveries } from '../../../store/notification/deliveries.ts'
import type { AppContext } from '../context.ts'
import { renderEvent } from './render-event.ts'
import { openWebhookTarget, type WebhookTarget } from './webhooks.ts'

const requestTimeoutMs = 10_000
const maxAnswerBytes = 64 * 1024
/** Deliveries to one receiver at once. */
const perWebhook = 5
/** Longer than an attempt takes: another server repeats it only if this one died. */
const leaseMs = 60_000

/** Delivers events to webhooks. */
export interface Deliverer {
  /**
   * Attempts what is due, and resolves when all attempts of this round have ended. Rounds may
   * overlap: a receiver that does not answer delays no other one.
   * @param now absent: the clock of the database
   * @returns the number of attempts
   */
  round(signal: AbortSignal, now?: Date): Promise<number>
}

/** @param publicUrl of the server, for links; undefined: messages have none */
export function createDeliverer(context: AppContext, guard: AddressGuard, publicUrl?: string): Deliverer {
  const busy = new Set<string>()
  return {
    async round(signal, now) {
      const { database } = context
      const at = now ?? (await readDatabaseClock(database))
      const due = await takeDueDeliveries(database, at, { perWebhook, leaseMs, except: [...busy] })
      const byWebhook = Map.groupBy(due, ({ webhookId }) => webhookId)
      for (const id of byWebhook.keys()) busy.add(id)
      await Promise.all(
        [...byWebhook].map(([id, deliveries]) =>
          Promise.all(deliveries.map((one) => attempt(context, guard, publicUrl, one, at, signal))).finally(() =>
            busy.delete(id),
          ),
        ),
      )
      return due.length
    },
  }
}

async function attempt(
  context: AppContext,
  guard: AddressGuard,
  publicUrl: string | undefined,
  due: DueDelivery,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const target = openWebhookTarget(context.secrets, { id: due.webhookId, target_sealed: due.sealed })
  const path = findEventPath(due.event)
  const url = publicUrl === undefined || path === undefined ? undefined : new URL(path, publicUrl).href
  const result = await send(context, guard, { due, target, url, now: now.getTime() }, signal)
  // The lease ends later, and another server repeats the attempt.
  if (signal.aborted && !result.accepted) return
  const decision = decideDelivery(result, due)
  await setDeliveryResult(context.database, due, result, decision, now)
  if (!result.accepted)
    context.log.warn('a webhook did not accept a delivery', {
      webhook: due.webhookId,
      event: due.event.id,
      attempts: due.attempts,
      outcome: decision.outcome,
      status: result.status,
      fault: result.fault,
    })
}

interface Attempt {
  readonly due: DueDelivery
  readonly target: WebhookTarget
  readonly url: string | undefined
  /** In ms since 1970. */
  readonly now: number
}

async function send(
  { sendMail }: Pick<AppContext, 'sendMail'>,
  guard: AddressGuard,
  { due: { format, event }, target, url, now }: Attempt,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const text = describeEvent(event)
  if (format === 'email') {
    if (!sendMail) return { accepted: false, fault: 'NoMailServer' }
    const body = [...text.lines, ...(url === undefined ? [] : ['', url]), '', event.id].join('\n')
    return await sendMail({
      to: new URL(target.url).pathname.split(','),
      subject: `[Chandler] ${text.title}`,
      text: body,
    })
  }
  const message = { ...text, url }
  const timestampS = Math.floor(now / 1_000)
  const { secret } = target
  const post = async (to: string, body: object, sign?: (text: string) => OutboundRequest['headers']) => {
    const json = JSON.stringify(body)
    const answer = await sendOutbound(
      guard,
      {
        url: to,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...sign?.(json) },
        body: json,
        timeoutMs: requestTimeoutMs,
        maxBytes: maxAnswerBytes,
      },
      signal,
    )
    if (answer.kind !== 'answer')
      return {
        result: {
          accepted: false,
          fault: ({ refused: 'AddressRefused', unreachable: 'NoAnswer', tooLarge: 'AnswerTooLarge' } as const)[
            answer.kind
          ],
        } satisfies DeliveryResult,
        body: '',
      }
    const { status } = answer
    const accepted = status >= 200 && status < 300
    return { result: { accepted, status } satisfies DeliveryResult, body: answer.body }
  }
  switch (format) {
    case 'json': {
      const sign = (body: string) =>
        secret === undefined ? {} : signWebhook(secret, { id: event.id, timestampS, body })
      return (await post(target.url, renderEvent(event, url), sign)).result
    }
    case 'slack':
      return (await post(target.url, renderSlack(message))).result
    case 'teams':
      return (await post(target.url, renderTeams(message))).result
    case 'dingtalk': {
      const to = secret === undefined ? target.url : signDingTalkUrl(target.url, secret, now)
      return judge('dingtalk', await post(to, renderDingTalk(message)))
    }
    case 'feishu':
      return judge(
        'feishu',
        await post(
          target.url,
          renderFeishu(message, secret === undefined ? undefined : signFeishu(secret, timestampS)),
        ),
      )
  }
}

/** A status of 200 with an error in the body is a refusal. */
function judge(
  format: 'dingtalk' | 'feishu',
  { result, body }: { result: DeliveryResult; body: string },
): DeliveryResult {
  if (!result.accepted || isAcceptedByChat(format, parseJson(body))) return result
  return { ...result, accepted: false, fault: 'Refused' }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
