import { apiCommand, type Register } from '../api-command.ts'

export const registerAccessKeySwitch: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'disable <id>',
    'refuse an access key until it is enabled again',
    async ({ client, print }, id: string) => {
      await client.accessKeys.disable(id)
      print({ id, status: 'disabled' }, () => context.out.line(`${id} is disabled`))
    },
  )
  apiCommand(parent, context, 'enable <id>', 'accept an access key again', async ({ client, print }, id: string) => {
    await client.accessKeys.enable(id)
    print({ id, status: 'enabled' }, () => context.out.line(`${id} is enabled`))
  })
}
