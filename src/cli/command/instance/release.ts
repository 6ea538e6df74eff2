import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceRelease: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'release <instance>',
    'release an instance from quarantine',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      await client.instances.release(id)
      print({ id }, () => context.out.line(`${id} released`))
    },
  )
}
