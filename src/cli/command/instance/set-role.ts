import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceSetRole: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'set-role <id> <role>',
    'what an instance may be given: counts with the next work that is handed to it',
    async ({ client, print }, id: string, role: string) => {
      await client.instances.setRole(id, role)
      print({ id, role }, () => context.out.line(`${id} has the role ${role}`))
    },
  )
}
