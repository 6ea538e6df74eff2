import { apiCommand, type Register } from '../api-command.ts'

export const registerFreezeDelete: Register = (parent, context) => {
  apiCommand(parent, context, 'delete <name>', 'end a freeze now', async ({ client, print }, name: string) => {
    await client.freezes.delete(name)
    print({ name }, () => context.out.line(`${name} deleted; waiting executions continue`))
  })
}
