import { Option } from 'commander'
import { itemsOf } from '../../../client/pages.ts'
import { executionStatuses } from '../../../core/execution/execution.ts'
import type { ExecutionSummary } from '../../../protocol/api/executions.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { parseCount } from '../../parse-option.ts'
import { endedCount, showOperation } from '../../progress/progress.ts'
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
    'executions, the newest first',
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
            { title: 'what', text: showOperation },
            { title: 'ended', text: (execution) => `${endedCount(execution)} of ${execution.taskCount}` },
            { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
            { title: 'why', text: ({ reason }) => reason },
          ],
          'no executions; `chandler install NAME --targets …` starts one',
        ),
      )
    },
  )
    .addOption(new Option('--status <status>', 'only these').choices(executionStatuses))
    .option('--extension <name>', 'only those of this extension')
    .option('--tag <k=v>', 'only those with this tag; k=v,k2=v2: with all of these')
    .option('--limit <n>', 'how many', parseCount, 50)
    .alias('ls')
}
