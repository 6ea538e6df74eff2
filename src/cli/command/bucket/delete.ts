import { apiCommand, type Register } from '../api-command.ts'

export const registerBucketDelete: Register = (parent, context) => {
  apiCommand(parent, context, 'delete <bucket>', 'delete an empty bucket', async ({ client, print }, name: string) => {
    await client.buckets.delete(name)
    print({ name }, () => context.out.line(`${name} deleted`))
  })
}
