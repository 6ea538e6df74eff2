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
    'change what people say of an execution: k=v sets a tag, k- removes it',
    async ({ client, options: { group, description }, print }, id: string, changes: string[]) => {
      if (changes.length === 0 && group === undefined && description === undefined) {
        throw new UsageError('nothing to change', 'Give k=v to set a tag, k- to remove it, --group or --description.')
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
    .option('--group <name>', 'put it into this resource group')
    .option('--description <text>', 'what it is for')
}
