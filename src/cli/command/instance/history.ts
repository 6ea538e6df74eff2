import { itemsOf } from '../../../client/pages.ts'
import type { InstanceHistoryView } from '../../../protocol/api/instances.ts'
import { findInstance } from '../../find-instance.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { parseCount } from '../../parse-option.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly limit: number
}

export const registerInstanceHistory: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'history <instance>',
    'list the tasks of an instance, newest first',
    showHistory,
  ).option('--limit <count>', 'maximum number of entries', parseCount, 20)
}

async function showHistory({ client, context, options, print }: ApiRun<Options>, word: string) {
  const id = await findInstance(client, word)
  const entries: InstanceHistoryView[] = []
  for await (const entry of itemsOf((page) => client.instances.listHistory(id, page))) {
    if (entries.length === options.limit) break
    entries.push(entry)
  }
  print(entries, () =>
    printTable(
      context.out,
      entries,
      [
        { title: 'execution', text: ({ executionId }) => executionId },
        { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
        { title: 'action', text: ({ action }) => action },
        { title: 'extension', text: ({ extension, version }) => [extension, version].filter(Boolean).join(' ') },
        { title: 'status', text: ({ task }) => task.status },
        { title: 'reason', text: ({ task }) => task.reason },
      ],
      'no tasks yet',
    ),
  )
}
