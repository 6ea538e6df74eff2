import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceApprove: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'approve <instance>',
    'approve an instance that joined with a token created with --approve',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      await client.instances.approve(id)
      print({ id }, () => context.out.line(`${id} approved`))
    },
  )
}
