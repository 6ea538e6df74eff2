import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceRemove: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'remove <instance>',
    'forget an instance; its agent is refused from now on, and what is installed there stays',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      await client.instances.delete(id)
      print({ id }, () => context.out.line(`${id} is removed`))
    },
  )
}
