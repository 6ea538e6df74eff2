import { showInstant } from '../../output/format.ts'
import { parseDurationOption } from '../../parse-option.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly user?: string
  readonly description?: string
  readonly ttl?: number
  readonly oos?: true
}

export const registerAccessKeyCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create',
    'create an access key; its secret is shown only once',
    async ({ client, options: { user, description, ttl, oos }, print }) => {
      const key = await client.accessKeys.create({
        ...(user !== undefined && { userName: user }),
        ...(description !== undefined && { description }),
        ...(ttl !== undefined && { ttlMs: ttl }),
        ...(oos && { kind: 'oos' as const }),
      })
      const expiry = key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }
      print({ id: key.id, secret: key.secret, ...expiry }, () => {
        context.out.line(`CHANDLER_ACCESS_KEY_ID=${key.id}`)
        context.out.line(`CHANDLER_ACCESS_KEY_SECRET=${key.secret}`)
        if (key.expiresAt !== undefined) context.err.line(`${key.id} expires ${showInstant(key.expiresAt)}`)
      })
    },
  )
    .option('--user <name>', 'owner of the key (default: you)')
    .option('--description <text>', 'description (free text)')
    .option('--oos', 'the key can also sign requests of the OOS API: the server keeps its secret, encrypted')
    .option('--ttl <time>', 'lifetime of the key, such as 12h or 90d (default: unlimited)', parseDurationOption)
}
