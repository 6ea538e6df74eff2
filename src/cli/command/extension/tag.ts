import { showTags } from '../../output/format.ts'
import { printFields } from '../../output/table.ts'
import { applyTagChanges } from '../../parse-option.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly group?: string
}

export const registerExtensionTag: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'tag <name> [changes...]',
    'change tags (k=v sets, k- removes) and resource group of an extension, without a new version',
    async ({ client, options: { group }, print }, name: string, changes: string[]) => {
      if (changes.length === 0 && group === undefined)
        throw new UsageError('nothing to change', 'Use k=v to set a tag, k- to remove it, or --group.')
      const tags = changes.length > 0 ? applyTagChanges((await client.extensions.get(name)).tags, changes) : undefined
      const extension = await client.extensions.patch(name, {
        ...(tags && { tags }),
        ...(group !== undefined && { resourceGroup: group }),
      })
      print({ name, tags: extension.tags, resourceGroup: extension.resourceGroup }, () =>
        printFields(context.out, [
          ['name', name],
          ['tags', showTags(extension.tags) || '(none)'],
          ['resource group', extension.resourceGroup],
        ]),
      )
    },
  ).option('--group <name>', 'resource group')
}
