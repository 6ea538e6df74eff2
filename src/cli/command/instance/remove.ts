import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceRemove: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'remove <instance>',
    'remove an instance and refuse its agent; installed software stays on the machine',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      await client.instances.delete(id)
      print({ id }, () => context.out.line(`${id} removed`))
    },
  )
}
