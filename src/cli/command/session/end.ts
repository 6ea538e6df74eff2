import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly user?: string
}

export const registerSessionEnd: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'end <id>',
    'end a session and its event streams',
    async ({ client, print }, id: string) => {
      await client.userSessions.end(id)
      print({ id }, () => context.out.line(`${id} has ended`))
    },
  )
  apiCommand<Options>(parent, context, 'end-all', 'end all sessions of a user', async ({ client, options, print }) => {
    const user = options.user ?? (await client.whoami.get()).userName
    const { count } = await client.userSessions.endAll(user)
    print({ user, count }, () => context.out.line(`${count} ${count === 1 ? 'session' : 'sessions'} of ${user} ended`))
  }).option('--user <name>', 'user of the sessions (default: you)')
}
