import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceSetRole: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'set-role <instance> <role>',
    'set the role of an instance; takes effect with the next task',
    async ({ client, print }, word: string, role: string) => {
      const id = await findInstance(client, word)
      await client.instances.setRole(id, role)
      print({ id, role }, () => context.out.line(`${id} has the role ${role}`))
    },
  )
}
