import { Option } from 'commander'
import { itemsOf } from '../../../client/pages.ts'
import { executionStatuses } from '../../../core/execution/execution.ts'
import type { ExecutionSummary } from '../../../protocol/api/executions.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { parseCount } from '../../parse-option.ts'
import { endedCount } from '../../progress/progress.ts'
import { showOperation } from '../../progress/show-operation.ts'
import { statusStyles } from '../../progress/verdict.ts'
import { loadFiltered } from '../../refuse-filter.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly status?: ExecutionSummary['status']
  readonly extension?: string
  readonly tag?: string
  readonly limit: number
}

export const registerExecutionList: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'list',
    'list executions, newest first',
    async ({ client, options: { status, extension, tag, limit }, print }) => {
      const list = itemsOf((page) => client.executions.list({ ...page, status, extension, tag }))
      const executions = await loadFiltered(list, limit)
      print(executions, () =>
        printTable(
          context.out,
          executions,
          [
            { title: 'id', text: ({ id }) => id },
            { title: 'status', text: ({ status }) => status, style: ({ status }) => statusStyles[status] },
            { title: 'operation', text: showOperation },
            { title: 'ended', text: (execution) => `${endedCount(execution)} of ${execution.taskCount}` },
            { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
            { title: 'why', text: ({ reason }) => reason },
          ],
          'no executions; start one with `chandler install NAME --targets …`',
        ),
      )
    },
  )
    .addOption(new Option('--status <status>', 'filter by status').choices(executionStatuses))
    .option('--extension <name>', 'filter by extension')
    .option('--tag <k=v>', 'filter by tag; k=v,k2=v2 requires all of them')
    .option('--limit <n>', 'maximum number of executions', parseCount, 50)
    .alias('ls')
}
