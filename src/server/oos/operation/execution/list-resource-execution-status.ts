import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { readTaskPage } from '../../../app/execution/read-executions.ts'
import { readOutputTails } from '../../../app/output/read-output-tails.ts'
import { executionId } from '../../execution/labels.ts'
import { readShown } from '../../execution/read-shown.ts'
import { showTaskOutputs } from '../../execution/task-outputs.ts'
import { defineOperation } from '../../operation.ts'
import { maxResults, nextToken } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { showTime } from '../../rpc/show-time.ts'

const name = 'ListResourceExecutionStatus'

/** The result of each instance. */
export const listResourceExecutionStatus = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({ ExecutionId: executionId(), MaxResults: maxResults(), NextToken: nextToken() }),
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run(call, { ExecutionId, MaxResults, NextToken }) {
    const { context, actor } = call
    const placeSchema = z.tuple([z.literal(ExecutionId), z.int()])
    const [, ordinal] = parseNextToken(name, NextToken, placeSchema) ?? []
    const shown = await readShown(call, ExecutionId)
    if (!shown) throw chandlerError('ExecutionNotFound', { id: ExecutionId })
    const { view, origin } = shown
    const order = { by: 'ordinal', ascending: true } as const
    const after = ordinal === undefined ? undefined : { ordinal }
    const rows = await readTaskPage(context, actor, ExecutionId, {}, { order, after, limit: MaxResults + 1 })
    const page = makeOosPage(
      name,
      rows,
      MaxResults,
      (task) => [ExecutionId, task.ordinal],
      (task) => task,
    )
    const ordinals = page.items.map((task) => task.ordinal)
    const tails = await readOutputTails(context, view.execution.id, ordinals)
    return {
      ResourceExecutionStatus: page.items.map((task) => ({
        ExecutionId,
        ResourceId: origin.aliases[task.instance_id] ?? task.instance_id,
        Status: task.status,
        ExecutionTime: showTime(task.started_at ?? view.execution.created_at),
        Outputs: JSON.stringify(showTaskOutputs(origin, task, tails.get(task.ordinal))),
      })),
      MaxResults,
      NextToken: page.NextToken,
    }
  },
})
