import type { Client } from '../../../client/client.ts'
import { renderJoinCommand } from '../../../core/tls/join-command.ts'
import { isLoopbackHost } from '../../../core/tls/loopback.ts'
import type { JoinTokenInput } from '../../../protocol/api/instances.ts'
import { showInstant } from '../../output/format.ts'
import { readParameters } from '../../parameters.ts'
import { collect, parseCount, parseDurationOption, parseTag } from '../../parse-option.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly uses: number | 'unlimited'
  readonly ttl?: number
  readonly tag?: readonly string[]
  readonly allowTag?: readonly string[]
  readonly approve?: true
  readonly group?: string
  readonly role?: string
  readonly install?: readonly string[]
  readonly param?: readonly string[]
}

export const registerTokenCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create',
    'create a join token; it is shown only once',
    async ({ client, options, print }) => {
      if (options.param && !options.install) throw new UsageError('--param requires --install')
      const input: JoinTokenInput = {
        uses: options.uses,
        ...(options.ttl !== undefined && { ttlMs: options.ttl }),
        ...(options.tag && { tags: Object.fromEntries(options.tag.map(parseTag)) }),
        ...(options.allowTag && { allowedTags: [...options.allowTag] }),
        ...(options.approve && { approve: true }),
        ...(options.group !== undefined && { resourceGroup: options.group }),
        ...(options.role !== undefined && { role: options.role }),
        ...(options.install && { install: await readInstalls(client, options.install, options.param) }),
      }
      const created = await client.joinTokens.create(input)
      print({ token: created.token }, () => {
        const { out, err } = context
        out.line(created.token)
        // On stderr, so that TOKEN=$(chandler token create) captures only the token.
        err.line(
          `${created.id}: ${showUses(created.uses)} until ${showInstant(created.expiresAt)}. Run this on each instance:`,
        )
        const server = created.publicUrl ?? client.server
        const url = new URL(server)
        const { token, caSha256 } = created
        for (const line of renderJoinCommand({ server, token, caSha256, url }).split('\n')) err.line(`  ${line}`)
        if (isLoopbackHost(url.hostname))
          err.line(
            '  Only this machine reaches that address. For other machines, set CHANDLER_PUBLIC_URL of the server.',
          )
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
    .option(
      '--install <name@version>',
      'extension that instances get when they join, such as demo@v2; without a version, the latest (repeatable, in order)',
      collect,
    )
    .option(
      '--param <extension:name=value>',
      'parameter of an extension of --install, such as demo:port=9000 (repeatable)',
      collect,
    )
}

/** `demo@v2`, and `demo:port=9000` for its parameters. */
async function readInstalls(client: Client, installs: readonly string[], params: readonly string[] = []) {
  const pairs = new Map<string, string[]>(installs.map((text) => [nameOf(text), []]))
  for (const text of params) {
    const [, extension = '', rest] = /^([^:=]*):(.*)$/s.exec(text) ?? []
    if (rest === undefined) throw new UsageError(`--param ${text} names no extension; write EXTENSION:NAME=VALUE`)
    const list = pairs.get(extension)
    if (!list) throw new UsageError(`--param ${text}: ${extension} is not an extension of --install`)
    list.push(rest)
  }
  return Promise.all(
    installs.map(async (text) => {
      const [extension = '', version, ...rest] = text.split('@')
      if (extension === '' || version === '' || rest.length > 0)
        throw new UsageError(`--install ${text} is not NAME or NAME@VERSION`)
      const parameters = await readParameters(client, extension, version, pairs.get(extension) ?? [])
      return { extension, ...(version !== undefined && { version }), parameters }
    }),
  )
}

const nameOf = (text: string) => text.split('@')[0] ?? ''

const parseUses = (text: string) => (text === 'unlimited' ? text : parseCount(text))

const showUses = (uses: number | undefined) =>
  uses === undefined ? 'any number of uses' : uses === 1 ? 'one use' : `${uses} uses`
