import { apiCommand, type Register } from '../api-command.ts'

export const registerExtensionPromote: Register = (parent, context) => {
  apiCommand<{ readonly channel: string }>(
    parent,
    context,
    'promote <name> <version>',
    'point a channel such as stable to a version',
    async ({ client, options: { channel }, print }, name: string, version: string) => {
      const promotion = await client.extensions.promote(name, channel, version)
      const { previous } = promotion
      print(promotion, () =>
        context.out.line(
          previous === undefined
            ? `${name} ${channel} is ${promotion.version}; use it with --version ${channel}`
            : `${name} ${channel}: ${previous} → ${promotion.version}`,
        ),
      )
    },
  ).requiredOption('--channel <name>', 'channel; it is created if necessary')
  apiCommand(
    parent,
    context,
    'delete-channel <name> <channel>',
    'delete a channel; its version remains',
    async ({ client, print }, name: string, channel: string) => {
      await client.extensions.deleteChannel(name, channel)
      print({ name, channel }, () => context.out.line(`channel ${channel} of ${name} deleted`))
    },
  )
}
