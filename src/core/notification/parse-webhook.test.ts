import { expect, test } from 'vitest'
import { findFormat, findWebhookProblem, maskWebhookUrl } from './parse-webhook.ts'

test.each([
  ['https://hooks.slack.com/services/T/B/secret', 'slack', 'https://hooks.slack.com/…'],
  [
    'https://prod-1.westeurope.logic.azure.com/workflows/a?sig=s',
    'teams',
    'https://prod-1.westeurope.logic.azure.com/…',
  ],
  ['https://oapi.dingtalk.com/robot/send?access_token=t', 'dingtalk', 'https://oapi.dingtalk.com/…'],
  ['https://open.feishu.cn/open-apis/bot/v2/hook/id', 'feishu', 'https://open.feishu.cn/…'],
  ['mailto:ops@example.com', 'email', 'mailto:ops@example.com'],
  ['https://ci.example/hook?token=secret', 'json', 'https://ci.example/hook?…'],
  // Not Slack, although it looks like it.
  ['https://hooks.slack.com.evil.example/services', 'json', 'https://hooks.slack.com.evil.example/services'],
])('%s has the format %s and is shown as %s', (url, format, shown) => {
  const address = new URL(url)
  expect(findFormat(address)).toBe(format)
  expect(findWebhookProblem(address, findFormat(address))).toBeUndefined()
  expect(maskWebhookUrl(address, findFormat(address))).toBe(shown)
})

test.each([
  ['ftp://example.com/', 'json', 'does not begin with'],
  ['https://user:pass@example.com/', 'json', 'user name or password'],
  ['https://example.com/#a', 'json', 'fragment'],
  [`https://example.com/${'a'.repeat(2_000)}`, 'json', 'longer than'],
  ['https://example.com/', 'email', 'mailto:'],
  ['mailto:ops@example.com', 'slack', 'http or https'],
  ['mailto:ops', 'email', 'not of the form'],
  ['mailto:a@example.com?bcc=b@example.com', 'email', 'not of the form'],
  ['mailto:a@example.com,%0Ab@example.com', 'email', 'not of the form'],
] as const)('%s with the format %s is refused', (url, format, reason) => {
  expect(findWebhookProblem(new URL(url), format)).toContain(reason)
})
