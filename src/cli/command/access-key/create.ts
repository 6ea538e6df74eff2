import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly user?: string
  readonly description?: string
}

export const registerAccessKeyCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create',
    'make an access key; its secret is shown this once',
    async ({ client, options: { user, description }, print }) => {
      const key = await client.accessKeys.create({
        ...(user !== undefined && { userName: user }),
        ...(description !== undefined && { description }),
      })
      print({ id: key.id, secret: key.secret }, () => {
        context.out.line(`CHANDLER_ACCESS_KEY_ID=${key.id}`)
        context.out.line(`CHANDLER_ACCESS_KEY_SECRET=${key.secret}`)
      })
    },
  )
    .option('--user <name>', 'whose key it is (else yours)')
    .option('--description <text>', 'what it is for')
}
