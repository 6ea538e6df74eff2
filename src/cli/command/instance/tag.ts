import { findInstance } from '../../find-instance.ts'
import { showTags } from '../../output/format.ts'
import { printFields } from '../../output/table.ts'
import { applyTagChanges } from '../../parse-option.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly group?: string
  readonly name?: string
}

export const registerInstanceTag: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'tag <instance> [changes...]',
    'change tags (k=v sets, k- removes), resource group and name of an instance',
    async ({ client, options, print }, word: string, changes: string[]) => {
      const id = await findInstance(client, word)
      if (changes.length === 0 && options.group === undefined && options.name === undefined) {
        throw new UsageError('nothing to change', 'Use k=v to set a tag, k- to remove it, --group or --name.')
      }
      const tags = changes.length > 0 ? applyTagChanges((await client.instances.get(id)).tags, changes) : undefined
      const instance = await client.instances.patch(id, {
        ...(tags && { tags }),
        ...(options.group !== undefined && { resourceGroup: options.group }),
        ...(options.name !== undefined && { name: options.name }),
      })
      print({ id: instance.id, name: instance.name, tags: instance.tags, resourceGroup: instance.resourceGroup }, () =>
        printFields(context.out, [
          ['id', instance.id],
          ['name', instance.name],
          ['tags', showTags(instance.tags) || '(none)'],
          ['resource group', instance.resourceGroup],
        ]),
      )
    },
  )
    .option('--group <name>', 'resource group')
    .option('--name <name>', 'new name')
}
