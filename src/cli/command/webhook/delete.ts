import { apiCommand, type Register } from '../api-command.ts'

export const registerWebhookDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <name>',
    'delete a webhook with its deliveries, also those that are due',
    async ({ client, print }, name: string) => {
      await client.webhooks.delete(name)
      print({ name }, () => context.out.line(`${name} deleted`))
    },
  )
}
