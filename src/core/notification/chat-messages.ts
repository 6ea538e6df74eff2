import type { EventText } from './describe-event.ts'

/*
 * Bodies for chat services. Names and descriptions come from users, so every text is sent as plain
 * text or escaped: a name cannot become a link or mention anyone.
 */

/** A text and the URL of the page that shows the event; absent: the server has no public URL. */
export interface ChatMessage extends EventText {
  readonly url?: string | undefined
}

/** Chat services refuse longer messages. */
const maxTextLength = 3_000

const linesOf = ({ lines }: EventText): string => cut(lines.join('\n'))
const cut = (text: string) => (text.length > maxTextLength ? `${text.slice(0, maxTextLength - 1)}…` : text)

/** An incoming webhook of Slack. */
export function renderSlack(message: ChatMessage): object {
  const icon = { info: ':information_source:', success: ':white_check_mark:', problem: ':warning:' }[message.severity]
  const link = message.url === undefined ? '' : `\n<${escapeSlack(message.url)}|Open in Chandler>`
  return {
    text: `${icon} *${escapeSlack(cut(message.title))}*\n${escapeSlack(linesOf(message))}${link}`,
    unfurl_links: false,
  }
}

/** The three characters that begin links and mentions. */
const escapeSlack = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A workflow of Microsoft Teams ("post to a channel when a webhook request is received"). */
export function renderTeams(message: ChatMessage): object {
  const color = { info: 'accent', success: 'good', problem: 'attention' }[message.severity]
  // Runs of rich text are not Markdown, unlike text blocks.
  const block = (text: string, style: object) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...style }],
  })
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block(cut(message.title), { weight: 'bolder', size: 'medium', color }),
      ...message.lines.map((line) => block(cut(line), {})),
    ],
    ...(message.url === undefined
      ? {}
      : { actions: [{ type: 'Action.OpenUrl', title: 'Open in Chandler', url: message.url }] }),
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

/** A custom robot of a DingTalk group. */
export function renderDingTalk(message: ChatMessage): object {
  const link = message.url === undefined ? '' : `\n${message.url}`
  return { msgtype: 'text', text: { content: `Chandler: ${cut(message.title)}\n${linesOf(message)}${link}` } }
}

/** A custom bot of a Feishu (Lark) group. `signature`: if the bot verifies one. */
export function renderFeishu(
  message: ChatMessage,
  signature?: { readonly timestamp: string; readonly sign: string },
): object {
  const template = { info: 'blue', success: 'green', problem: 'red' }[message.severity]
  const plain = (content: string) => ({ tag: 'plain_text', content })
  const button = { tag: 'button', text: plain('Open in Chandler'), type: 'default', url: message.url }
  return {
    ...signature,
    msg_type: 'interactive',
    card: {
      header: { title: plain(cut(message.title)), template },
      elements: [
        { tag: 'div', text: plain(linesOf(message)) },
        ...(message.url === undefined ? [] : [{ tag: 'action', actions: [button] }]),
      ],
    },
  }
}

/**
 * Whether a service accepted a message that it answered with a status of 200 to 299: DingTalk and
 * Feishu report errors in the body.
 * @param answer the parsed body; undefined if it is not JSON
 */
export function isAcceptedByChat(format: 'dingtalk' | 'feishu', answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  const { errcode, code, StatusCode } = answer as Readonly<Record<string, unknown>>
  return format === 'dingtalk' ? errcode === 0 : code === 0 || StatusCode === 0
}
