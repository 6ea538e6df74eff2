import type { JoinTokenInput } from '../../../protocol/api/instances.ts'
import { showInstant } from '../../output/format.ts'
import { collect, parseCount, parseDurationOption, parseTag } from '../../parse-option.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly uses: number | 'unlimited'
  readonly ttl?: number
  readonly tag?: readonly string[]
  readonly allowTag?: readonly string[]
  readonly approve?: true
  readonly group?: string
  readonly role?: string
}

export const registerTokenCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create',
    'create a join token; it is shown only once',
    async ({ client, options, print }) => {
      const input: JoinTokenInput = {
        uses: options.uses,
        ...(options.ttl !== undefined && { ttlMs: options.ttl }),
        ...(options.tag && { tags: Object.fromEntries(options.tag.map(parseTag)) }),
        ...(options.allowTag && { allowedTags: [...options.allowTag] }),
        ...(options.approve && { approve: true }),
        ...(options.group !== undefined && { resourceGroup: options.group }),
        ...(options.role !== undefined && { role: options.role }),
      }
      const created = await client.joinTokens.create(input)
      print({ token: created.token }, () => {
        const { out, err } = context
        out.line(created.token)
        // On stderr, so that TOKEN=$(chandler token create) captures only the token.
        err.line(
          `${created.id}: ${showUses(created.uses)} until ${showInstant(created.expiresAt)}. Run this on each instance:`,
        )
        err.line(`  curl -fsSL ${client.server}/install.sh | sudo sh -s -- --token ${created.token}`)
      })
    },
  )
    .option('--uses <n>', 'number of instances that can join with this token, or unlimited', parseUses, 1)
    .option('--ttl <time>', 'lifetime of the token, such as 90s, 30m, 1h or 7d (default: 1h)', parseDurationOption)
    .option('--tag <k=v>', 'tag to set on instances that join with this token (repeatable)', collect)
    .option(
      '--allow-tag <key>',
      'tag key that instances may set themselves when they join (repeatable; default: none)',
      collect,
    )
    .option('--approve', 'require approval by an operator for instances that join with this token')
    .option('--group <name>', 'resource group of instances that join with this token')
    .option('--role <name>', 'role of instances that join with this token (default: ExtensionInstance)')
}

const parseUses = (text: string) => (text === 'unlimited' ? text : parseCount(text))

const showUses = (uses: number | undefined) =>
  uses === undefined ? 'any number of uses' : uses === 1 ? 'one use' : `${uses} uses`
