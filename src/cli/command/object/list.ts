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
    'the objects of a bucket, in the order of their keys',
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
            { title: 'put', text: ({ updatedAt }) => showInstant(updatedAt) },
            { title: 'sha256', text: ({ sha256 }) => sha256 },
          ],
          'no objects; `chandler object put FILE BUCKET/KEY` puts one there',
        ),
      )
    },
  )
    .option('--prefix <text>', 'only keys that begin so')
    .alias('ls')
}
