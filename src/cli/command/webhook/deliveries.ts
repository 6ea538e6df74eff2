import type { DeliveryView } from '../../../protocol/api/automation/webhooks.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { parseCount } from '../../parse-option.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly limit: number
}

export const registerWebhookDeliveries: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'deliveries <name>',
    'list the deliveries of a webhook, the newest first',
    async ({ client, options, print }, name: string) => {
      const { items } = await client.webhooks.deliveries(name, { maxResults: options.limit })
      print(items, () =>
        printTable(
          context.out,
          items,
          [
            { title: 'id', text: ({ id }) => String(id) },
            { title: 'at', text: ({ at }) => showInstant(at) },
            { title: 'event', text: ({ type }) => type },
            { title: 'title', text: ({ title }) => title },
            { title: 'status', text: ({ status }) => status },
            { title: 'attempts', text: ({ attempts }) => String(attempts) },
            { title: 'last answer', text: showAnswer },
            { title: 'next attempt', text: ({ nextAttemptAt }) => (nextAttemptAt ? showInstant(nextAttemptAt) : '') },
          ],
          'no deliveries',
        ),
      )
    },
  ).option('--limit <n>', 'number of deliveries to list, at most 1000', parseCount, 50)
}

/** The last answer of the receiver: its status, or why there was none. */
export function showAnswer({ lastStatus, lastFault }: Pick<DeliveryView, 'lastStatus' | 'lastFault'>): string {
  const fault = lastFault === undefined ? undefined : (faultTexts[lastFault] ?? lastFault)
  return [lastStatus, fault].filter((part) => part !== undefined).join(', ')
}

const faultTexts: Readonly<Record<string, string>> = {
  AddressRefused: 'address not allowed (CHANDLER_OUTBOUND_ALLOW)',
  NoAnswer: 'no answer',
  AnswerTooLarge: 'answer too large',
  Refused: 'refused by the service',
  NoMailServer: 'the server has no mail server (CHANDLER_SMTP_URL)',
}
