import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceApprove: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'approve <id>',
    'let an instance take part that joined with a token made with --approve',
    async ({ client, print }, id: string) => {
      await client.instances.approve(id)
      print({ id }, () => context.out.line(`${id} is approved`))
    },
  )
}
