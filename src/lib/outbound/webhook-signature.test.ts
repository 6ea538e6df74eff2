import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { isWebhookSecret, renderWebhookSecret, signDingTalkUrl, signFeishu, signWebhook } from './webhook-signature.ts'

test('receivers verify a delivery with the library of the specification', () => {
  const secret = renderWebhookSecret(new Uint8Array(32).fill(9))
  const body = JSON.stringify({ type: 'webhook.test', text: 'ü' })
  const timestampS = Math.floor(Date.now() / 1_000)
  const headers = { ...signWebhook(secret, { id: 'evt-1', timestampS, body }) }
  const receiver = new Webhook(secret)
  expect(receiver.verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => receiver.verify(`${body} `, headers)).toThrow('No matching signature')
  expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'evt-2' })).toThrow('No matching signature')
  const old = { ...signWebhook(secret, { id: 'evt-1', timestampS: timestampS - 600, body }) }
  expect(() => receiver.verify(body, old)).toThrow('too old')
})

test('DingTalk: time and signature in the query, which keeps the token', () => {
  const signed = new URL(
    signDingTalkUrl('https://oapi.dingtalk.com/robot/send?access_token=t', 'SECsecret', 1_700_000_000_000),
  )
  expect(Object.fromEntries(signed.searchParams)).toEqual({
    access_token: 't',
    timestamp: '1700000000000',
    sign: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
  })
})

test('Feishu: the signature depends on time and secret', () => {
  const { timestamp, sign } = signFeishu('secret', 1_700_000_000)
  expect(timestamp).toBe('1700000000')
  expect(sign).toMatch(/^[A-Za-z0-9+/]{43}=$/)
  expect(signFeishu('other', 1_700_000_000).sign).not.toBe(sign)
  expect(signFeishu('secret', 1_700_000_001).sign).not.toBe(sign)
})

test('a secret that a user enters must be one that receivers can configure', () => {
  expect(isWebhookSecret(renderWebhookSecret(new Uint8Array(24)))).toBe(true)
  expect(isWebhookSecret(renderWebhookSecret(new Uint8Array(64)))).toBe(true)
  for (const wrong of [
    '',
    'whsec_',
    'secret',
    renderWebhookSecret(new Uint8Array(23)),
    renderWebhookSecret(new Uint8Array(65)),
    'whsec_%%%%AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ])
    expect(isWebhookSecret(wrong), wrong).toBe(false)
})
