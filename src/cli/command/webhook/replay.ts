import { parseCount } from '../../parse-option.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerWebhookReplay: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'replay <name> <deliveries...>',
    'send deliveries again, with the same event ids',
    async ({ client, print }, name: string, words: readonly string[]) => {
      const ids = words.map(parseCount)
      for (const id of ids) await client.webhooks.replay(name, id)
      print({ name, deliveries: ids }, () => context.out.line(`${name}: ${ids.join(', ')} queued`))
    },
  )
}
