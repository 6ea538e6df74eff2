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
    'make a token that lets instances join; it is shown this once',
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
          `${created.id}: ${showUses(created.uses)} until ${showInstant(created.expiresAt)}. To join, on each instance:`,
        )
        err.line(`  curl -fsSL ${client.server}/install.sh | sudo sh -s -- --token ${created.token}`)
      })
    },
  )
    .option('--uses <n>', 'how many instances may join with it, or unlimited', parseUses, 1)
    .option('--ttl <time>', 'how long it holds, such as 90s, 30m, 1h, 7d (else 1h)', parseDurationOption)
    .option('--tag <k=v>', 'a tag that instances get which join with it; may be repeated', collect)
    .option(
      '--allow-tag <key>',
      'a tag that instances may set themselves when they join; may be repeated (else none)',
      collect,
    )
    .option('--approve', 'instances that join with it wait until an operator approves them')
    .option('--group <name>', 'the resource group that they get')
    .option('--role <name>', 'the role that they get: what they may be given (else ExtensionInstance)')
}

const parseUses = (text: string) => (text === 'unlimited' ? text : parseCount(text))

const showUses = (uses: number | undefined) =>
  uses === undefined ? 'any number of uses' : uses === 1 ? 'one use' : `${uses} uses`
