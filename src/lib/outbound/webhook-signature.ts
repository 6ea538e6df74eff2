import { createHmac } from 'node:crypto'

const secretPrefix = 'whsec_'

/** The text of a secret as receivers configure it. @param bytes 24 to 64 random bytes */
export const renderWebhookSecret = (bytes: Uint8Array): string => secretPrefix + Buffer.from(bytes).toString('base64')

/** Whether a text is a secret as `renderWebhookSecret` makes it. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(secretPrefix)) return false
  const encoded = text.slice(secretPrefix.length)
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === encoded
}

/**
 * The headers that prove the origin of a body, by the specification Standard Webhooks: HMAC-SHA256
 * over id, time and body.
 * @param timestampS seconds since 1970; receivers refuse old ones
 */
export function signWebhook(
  secret: string,
  { id, timestampS, body }: { readonly id: string; readonly timestampS: number; readonly body: string },
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${signature}`,
  }
}

/** The URL of a DingTalk robot with a signature. @param now in ms since 1970 */
export function signDingTalkUrl(url: string, secret: string, now: number): string {
  const sign = createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64')
  const signed = new URL(url)
  signed.searchParams.set('timestamp', String(now))
  signed.searchParams.set('sign', sign)
  return signed.href
}

/** The signature of a Feishu bot: the key is the message, and the message is empty. @param timestampS seconds since 1970 */
export function signFeishu(secret: string, timestampS: number): { timestamp: string; sign: string } {
  const timestamp = String(timestampS)
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64') }
}
