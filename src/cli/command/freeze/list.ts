import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerFreezeList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list the freezes that have not ended', async ({ client, print }) => {
    const { items } = await client.freezes.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'begins', text: ({ beginsAt }) => showInstant(beginsAt) },
          { title: 'ends', text: ({ endsAt }) => showInstant(endsAt) },
          { title: 'created by', text: ({ createdBy }) => createdBy },
        ],
        'no freezes; create one with `chandler freeze create`',
      ),
    )
  }).alias('ls')
}
