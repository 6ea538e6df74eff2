import type { GroupView } from '../../../protocol/api/assignment/groups.ts'
import { countWithNoun } from '../../output/printable.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly filter?: string
  readonly description?: string
}

const filterText = 'conditions such as os=debian,tag:env=prod (as in `instance list --filter`), or all'

export const registerGroupCreate: Register = (parent, context) => {
  apiCommand<Options & { readonly filter: string }>(
    parent,
    context,
    'create <name>',
    'save a filter over instances as a group',
    async ({ client, options: { filter, description }, print }, name: string) => {
      const group = await client.groups.create({ name, filter, ...(description !== undefined && { description }) })
      print(group, () => context.out.line(`${name} created: ${showSize(group)}; use it with --targets group:${name}`))
    },
  )
    .requiredOption('--filter <conditions>', filterText)
    .option('--description <text>', 'description (free text)')
}

export const registerGroupUpdate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'update <name>',
    'change the filter or the description of a group',
    async ({ client, options: { filter, description }, print }, name: string) => {
      if (filter === undefined && description === undefined)
        throw new UsageError('nothing to change', 'Add --filter or --description.')
      const change = { ...(filter !== undefined && { filter }), ...(description !== undefined && { description }) }
      const group = await client.groups.update(name, change)
      print(group, () => context.out.line(`${name} updated: ${showSize(group)}`))
    },
  )
    .option('--filter <conditions>', `${filterText} (default: unchanged)`)
    .option('--description <text>', 'description (free text; default: unchanged)')
}

export const registerGroupDelete: Register = (parent, context) => {
  apiCommand(parent, context, 'delete <name>', 'delete a group', async ({ client, print }, name: string) => {
    await client.groups.delete(name)
    print({ name }, () => context.out.line(`${name} deleted; its instances are unchanged`))
  })
}

/** `12 instances, 3 offline`. */
export const showSize = ({ instanceCount, offlineCount }: Pick<GroupView, 'instanceCount' | 'offlineCount'>) =>
  `${countWithNoun(instanceCount, 'instance')}${offlineCount > 0 ? `, ${offlineCount} offline` : ''}`
