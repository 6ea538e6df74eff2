import { itemsOf } from '../../../client/pages.ts'
import type { ObjectView } from '../../../protocol/api/buckets.ts'
import { showBytes, showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly prefix?: string
}

export const registerObjectList: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'list <bucket>',
    'list the objects of a bucket, sorted by key',
    async ({ client, options: { prefix }, print }, bucket: string) => {
      const objects: ObjectView[] = []
      const pages = itemsOf((page) => client.objects.list(bucket, { ...page, prefix }))
      for await (const object of pages) objects.push(object)
      print(objects, () =>
        printTable(
          context.out,
          objects,
          [
            { title: 'key', text: ({ key }) => key },
            { title: 'size', text: ({ sizeBytes }) => showBytes(sizeBytes) },
            { title: 'updated', text: ({ updatedAt }) => showInstant(updatedAt) },
            { title: 'sha256', text: ({ sha256 }) => sha256 },
          ],
          'no objects; upload one with `chandler object put FILE BUCKET/KEY`',
        ),
      )
    },
  )
    .option('--prefix <text>', 'filter by key prefix')
    .alias('ls')
}
