import { itemsOf } from '../../../client/pages.ts'
import type { UserSession } from '../../../protocol/api/user-sessions.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly user?: string
  readonly all?: boolean
}

export const registerSessionList: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'list',
    'who is signed in to the console: your own sessions, or those of others',
    async ({ client, options, print }) => {
      const user = options.all ? undefined : (options.user ?? (await client.whoami.get()).userName)
      const sessions: UserSession[] = []
      for await (const session of itemsOf((page) => client.userSessions.list({ ...page, user }))) sessions.push(session)
      print(sessions, () =>
        printTable(
          context.out,
          sessions,
          [
            { title: 'id', text: ({ id }) => id },
            { title: 'user', text: ({ userName }) => userName },
            { title: 'from', text: ({ source }) => source },
            { title: 'began', text: ({ createdAt }) => showInstant(createdAt) },
            { title: 'last used', text: ({ lastUsedAt }) => showInstant(lastUsedAt) },
            { title: 'browser', text: ({ userAgent }) => userAgent },
          ],
          'no sessions',
        ),
      )
    },
  )
    .alias('ls')
    .option('--user <name>', 'those of this user (else yours)')
    .option('--all', 'those of all users')
}
