import { apiCommand, type Register } from '../api-command.ts'

export const registerTokenRevoke: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'revoke <id>',
    'revoke a join token; instances that joined with it remain enrolled',
    async ({ client, print }, id: string) => {
      await client.joinTokens.revoke(id)
      print({ id }, () => context.out.line(`${id} revoked`))
    },
  )
}
