import { apiCommand, type Register } from '../api-command.ts'

export const registerTokenRevoke: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'revoke <id>',
    'end a join token; instances that joined with it stay',
    async ({ client, print }, id: string) => {
      await client.joinTokens.revoke(id)
      print({ id }, () => context.out.line(`${id} is revoked`))
    },
  )
}
