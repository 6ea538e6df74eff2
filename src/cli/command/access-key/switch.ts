import { apiCommand, type Register } from '../api-command.ts'

export const registerAccessKeySwitch: Register = (parent, context) => {
  apiCommand(parent, context, 'disable <id>', 'disable an access key', async ({ client, print }, id: string) => {
    await client.accessKeys.disable(id)
    print({ id, status: 'disabled' }, () => context.out.line(`${id} disabled`))
  })
  apiCommand(parent, context, 'enable <id>', 'enable a disabled access key', async ({ client, print }, id: string) => {
    await client.accessKeys.enable(id)
    print({ id, status: 'enabled' }, () => context.out.line(`${id} enabled`))
  })
}
