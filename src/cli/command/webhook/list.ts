import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerWebhookList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list the webhooks', async ({ client, print }) => {
    const { items } = await client.webhooks.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'format', text: ({ format }) => format },
          { title: 'url', text: ({ url }) => url },
          { title: 'pending', text: ({ pending }) => String(pending) },
          { title: 'failed', text: ({ failed }) => String(failed) },
          {
            title: 'state',
            text: ({ failures, pausedUntil }) =>
              failures === 0 ? 'ok' : `failing${pausedUntil ? `, next attempt ${showInstant(pausedUntil)}` : ''}`,
          },
        ],
        'no webhooks; create one with `chandler webhook create`',
      ),
    )
  }).alias('ls')
}
