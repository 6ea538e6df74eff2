import { showTags } from '../../output/format.ts'
import { printFields } from '../../output/table.ts'
import { applyTagChanges } from '../../parse-option.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly group?: string
  readonly description?: string
}

export const registerExecutionTag: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'tag <id> [changes...]',
    'change tags (k=v sets, k- removes), resource group and description of an execution',
    async ({ client, options: { group, description }, print }, id: string, changes: string[]) => {
      if (changes.length === 0 && group === undefined && description === undefined) {
        throw new UsageError('nothing to change', 'Use k=v to set a tag, k- to remove it, --group or --description.')
      }
      const tags = changes.length > 0 ? applyTagChanges((await client.executions.get(id)).tags, changes) : undefined
      const execution = await client.executions.patch(id, {
        ...(tags && { tags }),
        ...(group !== undefined && { resourceGroup: group }),
        ...(description !== undefined && { description }),
      })
      const { resourceGroup } = execution
      print({ id, tags: execution.tags, resourceGroup, description: execution.description }, () =>
        printFields(context.out, [
          ['id', id],
          ['tags', showTags(execution.tags) || '(none)'],
          ['resource group', resourceGroup],
          ['description', execution.description],
        ]),
      )
    },
  )
    .option('--group <name>', 'resource group')
    .option('--description <text>', 'description (free text)')
}
