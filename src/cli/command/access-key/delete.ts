import { apiCommand, type Register } from '../api-command.ts'

export const registerAccessKeyDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <id>',
    'delete an access key permanently',
    async ({ client, print }, id: string) => {
      await client.accessKeys.delete(id)
      print({ id }, () => context.out.line(`${id} deleted`))
    },
  )
}
