import { apiCommand, type Register } from '../api-command.ts'

export const registerBucketCreate: Register = (parent, context) => {
  apiCommand(parent, context, 'create <bucket>', 'create a bucket', async ({ client, print }, name: string) => {
    const bucket = await client.buckets.create(name)
    print({ name: bucket.name }, () =>
      context.out.line(`${bucket.name} created; upload files with \`chandler object put\``),
    )
  })
}
