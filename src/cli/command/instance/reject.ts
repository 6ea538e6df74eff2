import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceReject: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'reject <id>',
    'remove an instance that waits for approval; its agent is refused from now on',
    async ({ client, print }, id: string) => {
      await client.instances.reject(id)
      print({ id }, () => context.out.line(`${id} is rejected`))
    },
  )
}
