import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerGroupList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list groups with the number of their instances', async ({ client, print }) => {
    const { items } = await client.groups.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'instances', text: ({ instanceCount }) => instanceCount },
          { title: 'offline', text: ({ offlineCount }) => offlineCount },
          { title: 'filter', text: ({ filter }) => filter },
          { title: 'description', text: ({ description }) => description },
        ],
        'no groups; create one with `chandler group create NAME --filter CONDITIONS`',
      ),
    )
  }).alias('ls')
}
