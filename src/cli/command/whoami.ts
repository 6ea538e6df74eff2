import { printFields } from '../output/table.ts'
import { apiCommand, type Register } from './api-command.ts'

export const registerWhoami: Register = (parent, context) => {
  apiCommand(parent, context, 'whoami', 'whose access key this is, and their policies', async ({ client, print }) => {
    const who = await client.whoami.get()
    print(who, () =>
      printFields(context.out, [
        ['user', who.userName],
        ['account', who.accountId],
        ['region', who.region],
        ['may do', who.administrator ? 'everything' : undefined],
        ['policies', who.administrator ? undefined : who.policies.join(', ') || '(none: they may do nothing)'],
      ]),
    )
  })
}
