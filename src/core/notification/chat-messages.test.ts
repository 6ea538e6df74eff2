import { expect, test } from 'vitest'
import {
  type ChatMessage,
  isAcceptedByChat,
  renderDingTalk,
  renderFeishu,
  renderSlack,
  renderTeams,
} from './chat-messages.ts'

const url = 'https://chandler.example/executions/exec-1?a=1&b=2'
const message: ChatMessage = {
  title: 'Failed: install demo v2',
  lines: ['exec-1', '2 Failed'],
  severity: 'problem',
  url,
}
/** What a user could write into a description. */
const hostile: ChatMessage = {
  title: 'a <!channel> & [link](https://evil.example) <at user_id="all">all</at>',
  lines: ['<https://evil.example|click>'],
  severity: 'info',
}

test('Slack: a text with a link', () => {
  expect(renderSlack(message)).toEqual({
    text: ':warning: *Failed: install demo v2*\nexec-1\n2 Failed\n<https://chandler.example/executions/exec-1?a=1&amp;b=2|Open in Chandler>',
    unfurl_links: false,
  })
})

test('Microsoft Teams: an adaptive card with a button', () => {
  const card = JSON.parse(JSON.stringify(renderTeams(message)))
  expect(card).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', actions: [{ type: 'Action.OpenUrl', url }] },
      },
    ],
  })
  const texts = card.attachments[0].content.body.map((block: { inlines: { text: string }[] }) => block.inlines[0]?.text)
  expect(texts).toEqual(['Failed: install demo v2', 'exec-1', '2 Failed'])
})

test('DingTalk: a text', () => {
  expect(renderDingTalk(message)).toEqual({
    msgtype: 'text',
    text: { content: `Chandler: Failed: install demo v2\nexec-1\n2 Failed\n${url}` },
  })
})

test('Feishu: a card with a color, a button and the signature', () => {
  expect(renderFeishu(message, { timestamp: '1', sign: 's' })).toEqual({
    timestamp: '1',
    sign: 's',
    msg_type: 'interactive',
    card: {
      header: { title: { tag: 'plain_text', content: 'Failed: install demo v2' }, template: 'red' },
      elements: [
        { tag: 'div', text: { tag: 'plain_text', content: 'exec-1\n2 Failed' } },
        {
          tag: 'action',
          actions: [{ tag: 'button', text: { tag: 'plain_text', content: 'Open in Chandler' }, type: 'default', url }],
        },
      ],
    },
  })
})

test('names become neither links nor mentions, and without a public URL there is no link', () => {
  expect(JSON.stringify(renderSlack(hostile))).not.toMatch(/<[^>]*>/)
  expect(JSON.stringify(renderTeams(hostile))).not.toMatch(/"TextBlock"|Action\.OpenUrl/)
  expect(JSON.stringify(renderDingTalk(hostile))).not.toContain('markdown')
  expect(JSON.stringify(renderFeishu(hostile))).not.toMatch(/lark_md|"action"/)
})

test('a message has a limited length', () => {
  const long = { ...message, lines: ['x'.repeat(100_000)] }
  for (const render of [renderSlack, renderTeams, renderDingTalk, renderFeishu])
    expect(JSON.stringify(render(long)).length).toBeLessThan(8_000)
})

test.each([
  ['dingtalk', { errcode: 0, errmsg: 'ok' }, true],
  ['dingtalk', { errcode: 310000, errmsg: 'sign not match' }, false],
  ['dingtalk', undefined, false],
  ['feishu', { code: 0 }, true],
  ['feishu', { StatusCode: 0 }, true],
  ['feishu', { code: 19021, msg: 'sign match fail' }, false],
] as const)('%s answers with errors in the body: %o', (format, answer, accepted) => {
  expect(isAcceptedByChat(format, answer)).toBe(accepted)
})
