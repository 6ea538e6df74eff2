import { itemsOf } from '../../../client/pages.ts'
import type { BucketView } from '../../../protocol/api/buckets.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerBucketList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list buckets', async ({ client, print }) => {
    const buckets: BucketView[] = []
    for await (const bucket of itemsOf(client.buckets.list)) buckets.push(bucket)
    print(buckets, () =>
      printTable(
        context.out,
        buckets,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
          { title: 'by', text: ({ createdBy }) => createdBy },
        ],
        'no buckets; create one with `chandler bucket create BUCKET`',
      ),
    )
  }).alias('ls')
}
