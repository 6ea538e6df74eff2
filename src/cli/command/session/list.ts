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
    'list console sessions: your own, or those of other users',
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
            { title: 'started', text: ({ createdAt }) => showInstant(createdAt) },
            { title: 'last used', text: ({ lastUsedAt }) => showInstant(lastUsedAt) },
            { title: 'browser', text: ({ userAgent }) => userAgent },
          ],
          'no sessions',
        ),
      )
    },
  )
    .alias('ls')
    .option('--user <name>', 'list sessions of this user (default: you)')
    .option('--all', 'list sessions of all users')
}
