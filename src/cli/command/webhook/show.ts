import { showInstant } from '../../output/format.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerWebhookShow: Register = (parent, context) => {
  apiCommand(parent, context, 'show <name>', 'show a webhook', async ({ client, print }, name: string) => {
    const webhook = await client.webhooks.get(name)
    print(webhook, () => {
      const { out } = context
      out.line(`${webhook.name}: ${webhook.format} to ${webhook.url}`)
      out.line(`  events:  ${webhook.events.join(', ')}`)
      out.line(`  created: ${showInstant(webhook.createdAt)} by ${webhook.createdBy}`)
      out.line(`  pending: ${webhook.pending}, failed: ${webhook.failed}`)
      if (webhook.failures > 0)
        out.line(
          `  the last ${webhook.failures === 1 ? 'attempt' : `${webhook.failures} attempts`} failed${webhook.pausedUntil ? `; next attempt ${showInstant(webhook.pausedUntil)}` : ''}`,
        )
    })
  })
}
