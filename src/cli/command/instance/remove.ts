import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceRemove: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'remove <id>',
    'forget an instance; its agent is refused from now on, and what is installed there stays',
    async ({ client, print }, id: string) => {
      await client.instances.delete(id)
      print({ id }, () => context.out.line(`${id} is removed`))
    },
  )
}
