import type { Client } from '../../../client/client.ts'
import { itemsOf } from '../../../client/pages.ts'
import type { PrincipalKind } from '../../../core/access/principal.ts'
import type { PrincipalView } from '../../../protocol/api/access.ts'
import { showInstant } from '../../output/format.ts'
import { printFields, printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Words {
  readonly client: (client: Client) => Client['users']
  /** Force options for a principal that is in use. */
  readonly force: string
  readonly next: (name: string) => string
}

const words: Readonly<Record<PrincipalKind, Words>> = {
  user: {
    client: ({ users }) => users,
    force: 'delete it even if it has policies or enabled access keys (detaches and disables them)',
    next: (name) => `attach a policy with \`chandler user attach ${name} POLICY\``,
  },
  role: {
    client: ({ roles }) => roles,
    force: 'delete it even if instances have it (they then get no work)',
    next: (name) => `attach a policy with \`chandler role attach ${name} POLICY\``,
  },
}

/** Users and roles share their commands; the texts above differ. */
const commandsOf = (kind: PrincipalKind): readonly Register[] => [
  registerCreate(kind),
  registerList(kind),
  registerShow(kind),
  registerAttach(kind),
  registerDelete(kind),
]

export const userCommands = commandsOf('user')
export const roleCommands = commandsOf('role')

function registerCreate(kind: PrincipalKind): Register {
  const { client: of, next } = words[kind]
  return (parent, context) => {
    const command = apiCommand<{ readonly description?: string; readonly service?: true }>(
      parent,
      context,
      'create <name>',
      `create a ${kind}; without policies it has no permissions`,
      async ({ client, options: { description, service }, print }, name: string) => {
        const made = await of(client).create({
          name,
          ...(description !== undefined && { description }),
          ...(service && { service }),
        })
        print({ name: made.name }, () => context.out.line(`${made.name} created; ${next(made.name)}`))
      },
    ).option('--description <text>', 'description (free text)')
    if (kind === 'user')
      command.option('--service', 'service account: it has no password, and its access keys expire (default: 90 days)')
  }
}

function registerList(kind: PrincipalKind): Register {
  return (parent, context) => {
    apiCommand(parent, context, 'list', `list ${kind}s and their policies`, async ({ client, print }) => {
      const all: PrincipalView[] = []
      for await (const one of itemsOf(words[kind].client(client).list)) all.push(one)
      print(all, () =>
        printTable(
          context.out,
          all,
          [
            { title: 'name', text: ({ name }) => name },
            { title: 'policies', text: ({ policies }) => policies.join(', ') },
            { title: 'created', text: ({ builtIn, createdAt }) => (builtIn ? 'built in' : showOptional(createdAt)) },
            { title: 'description', text: ({ description }) => description },
          ],
          `no ${kind}s`,
        ),
      )
    }).alias('ls')
  }
}

function registerShow(kind: PrincipalKind): Register {
  return (parent, context) => {
    apiCommand(parent, context, 'show <name>', `show a ${kind}`, async ({ client, print }, name: string) => {
      const { description, policies, builtIn, createdAt, service, ...one } = await words[kind].client(client).get(name)
      print({ ...one, description, policies, builtIn, createdAt, ...(service && { service }) }, () =>
        printFields(context.out, [
          ['name', one.name],
          ['description', description],
          ['kind', service ? 'service account' : undefined],
          ['policies', policies.join(', ') || '(none: no permissions)'],
          ['created', builtIn ? 'built in' : showOptional(createdAt)],
        ]),
      )
    })
  }
}

function registerAttach(kind: PrincipalKind): Register {
  const { client: of } = words[kind]
  return (parent, context) => {
    apiCommand(
      parent,
      context,
      'attach <name> <policy>',
      `attach a policy to a ${kind}`,
      async ({ client, print }, name: string, policy: string) => {
        await of(client).attach(name, policy)
        print({ name, policy }, () => context.out.line(`${policy} attached to ${name}`))
      },
    )
    apiCommand(
      parent,
      context,
      'detach <name> <policy>',
      `detach a policy from a ${kind}`,
      async ({ client, print }, name: string, policy: string) => {
        await of(client).detach(name, policy)
        print({ name, policy }, () => context.out.line(`${policy} detached from ${name}`))
      },
    )
  }
}

function registerDelete(kind: PrincipalKind): Register {
  const { client: of, force } = words[kind]
  return (parent, context) => {
    apiCommand<{ readonly force?: boolean }>(
      parent,
      context,
      'delete <name>',
      `delete a ${kind}`,
      async ({ client, options, print }, name: string) => {
        await of(client).delete(name, options)
        print({ name }, () => context.out.line(`${name} deleted`))
      },
    ).option('--force', force)
  }
}

const showOptional = (instant: string | undefined) => instant && showInstant(instant)
