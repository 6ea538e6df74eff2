import { printFields } from '../output/table.ts'
import { apiCommand, type Register } from './api-command.ts'

export const registerWhoami: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'whoami',
    'show the user of the current access key and their policies',
    async ({ client, print }) => {
      const who = await client.whoami.get()
      print(who, () =>
        printFields(context.out, [
          ['user', who.userName],
          ['account', who.accountId],
          ['region', who.region],
          ['permissions', who.administrator ? 'everything' : undefined],
          ['roles', who.roles?.join(', ')],
          ['policies', who.administrator ? undefined : who.policies.join(', ') || '(none: no permissions)'],
        ]),
      )
    },
  )
}
