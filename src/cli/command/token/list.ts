import { itemsOf } from '../../../client/pages.ts'
import type { JoinTokenView } from '../../../protocol/api/instances.ts'
import { showInstant, showTags } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerTokenList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list join tokens, without their secrets', async ({ client, print }) => {
    const tokens: JoinTokenView[] = []
    for await (const token of itemsOf(client.joinTokens.list)) tokens.push(token)
    print(tokens, () =>
      printTable(
        context.out,
        tokens,
        [
          { title: 'id', text: ({ id }) => id },
          { title: 'uses left', text: ({ uses, usesLeft }) => (uses === undefined ? 'any' : `${usesLeft} of ${uses}`) },
          { title: 'expires', text: ({ expiresAt }) => showInstant(expiresAt) },
          { title: 'tags', text: ({ tags }) => showTags(tags) },
          { title: 'may set', text: ({ allowedTags }) => allowedTags.join(', ') },
          { title: 'approval', text: ({ approve }) => (approve ? 'required' : '') },
          {
            title: 'installs',
            text: ({ install }) =>
              install.map(({ extension, version }) => [extension, version].filter(Boolean).join('@')).join(', '),
          },
          { title: 'role', text: ({ role }) => role },
          { title: 'group', text: ({ resourceGroup }) => resourceGroup },
        ],
        'no join tokens; create one with `chandler token create`',
      ),
    )
  }).alias('ls')
}
