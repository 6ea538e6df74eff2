import { itemsOf } from '../../../client/pages.ts'
import type { AccessKeyView } from '../../../protocol/api/access-keys.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerAccessKeyList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list access keys, without their secrets', async ({ client, print }) => {
    const keys: AccessKeyView[] = []
    for await (const key of itemsOf(client.accessKeys.list)) keys.push(key)
    print(keys, () =>
      printTable(
        context.out,
        keys,
        [
          { title: 'id', text: ({ id }) => id },
          { title: 'user', text: ({ userName }) => userName },
          { title: 'kind', text: ({ kind }) => kind },
          {
            title: 'status',
            text: ({ status }) => status,
            style: ({ status }) => (status === 'enabled' ? 'green' : 'dim'),
          },
          { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
          { title: 'expires', text: ({ expiresAt }) => (expiresAt === undefined ? '' : showInstant(expiresAt)) },
          {
            title: 'last used',
            text: ({ lastUsedAt, lastUsedFrom }) =>
              lastUsedAt === undefined ? '' : `${showInstant(lastUsedAt)} from ${lastUsedFrom}`,
          },
          { title: 'description', text: ({ description }) => description },
        ],
        'no access keys',
      ),
    )
  }).alias('ls')
}
