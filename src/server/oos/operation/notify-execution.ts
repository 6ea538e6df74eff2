import { z } from 'zod'
import type { TaskControl } from '../../../core/control-task.ts'
import { chandlerError } from '../../../core/errors.ts'
import { controlExecution } from '../../app/control-execution.ts'
import { controlTasks } from '../../app/control-tasks.ts'
import { matchInstanceIds } from '../../app/get-instance.ts'
import { readTaskPage } from '../../app/read-executions.ts'
import { executionId } from '../execution/labels.ts'
import { templateOf } from '../execution/origin.ts'
import { readShown, type ShownExecution } from '../execution/read-shown.ts'
import { showTask } from '../execution/show-task.ts'
import { parseTaskId } from '../execution/task-id.ts'
import { jsonText, listText, oneOf, text } from '../fields.ts'
import { defineOperation, type OosCall } from '../operation.ts'

const parameters = z.strictObject({
  ExecutionId: executionId(),
  ExecutionStatus: oneOf('Success', 'Failed', 'Cancelled').optional(),
  LoopItem: text(128).optional(),
  NotifyNote: text(1_024).optional(),
  NotifyType: oneOf('Approve', 'Reject', 'ExecuteTask', 'CancelTask', 'CompleteExecution', 'RetryTask', 'SkipTask'),
  Parameters: jsonText(z.record(z.string(), z.unknown())).default({}),
  TaskExecutionId: text(80).optional(),
  TaskExecutionIds: listText({ max: 1_000 }).optional(),
  TaskName: text(200).optional(),
})
type Input = z.infer<typeof parameters>

/** Answers what an execution asks, and says what happens to its tasks (reference §5.5). */
export const notifyExecution = defineOperation({
  name: 'NotifyExecution',
  state: 'works',
  parameters,
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run(call, input) {
    const { context, actor } = call
    const { ExecutionId, NotifyNote: note, NotifyType } = input
    const shown = await readShown(call, ExecutionId)
    if (!shown) throw chandlerError('ExecutionNotFound', { id: ExecutionId })
    switch (NotifyType) {
      case 'Approve':
        refuseUnasked(shown, 'approve')
        await controlExecution(context, actor, ExecutionId, 'resume', { note })
        break
      case 'Reject':
        refuseUnasked(shown, 'reject')
        await controlExecution(context, actor, ExecutionId, 'cancel', { note })
        break
      case 'CompleteExecution':
        await controlExecution(context, actor, ExecutionId, 'complete', { note, verdict: input.ExecutionStatus })
        break
      case 'ExecuteTask':
        await executeTask(call, input, shown)
        break
      case 'RetryTask':
      case 'SkipTask':
      case 'CancelTask':
        await controlTasks(context, actor, ExecutionId, await findTasks(call, input, shown), controls[NotifyType], note)
        break
    }
    return {}
  },
})

const controls = { RetryTask: 'retryTask', SkipTask: 'skipTask', CancelTask: 'cancelTask' } as const satisfies Record<
  string,
  TaskControl
>

/** There is something to approve only while a person is asked. */
function refuseUnasked({ view: { execution } }: ShownExecution, control: string): void {
  if (execution.status === 'Waiting') return
  throw chandlerError('ExecutionStateConflict', { id: execution.id, status: execution.status, control })
}

/**
 * Debug: the named task is next. The task that finds the instances has been done when the execution starts, so that naming it changes
 * nothing; the one that loops goes on with the next instance, unless one is named.
 */
async function executeTask(call: OosCall, input: Input, shown: ShownExecution): Promise<void> {
  const { context, actor } = call
  const { ExecutionId, NotifyNote, TaskName } = input
  const { selectTask, loopTask } = templateOf(shown.origin)
  const named = namesTasks(input)
  if (TaskName === undefined && !named) throw chandlerError('RequestParameterMissing', { name: 'TaskName' })
  if (TaskName === selectTask && !named) return
  if (TaskName !== undefined && TaskName !== loopTask.name)
    throw chandlerError('TaskNotFound', { id: ExecutionId, task: TaskName })
  const tasks = named ? await findTasks(call, input, shown) : { ordinals: [await findNext(call, shown)] }
  await refuseOtherParameters(call, input, shown, tasks)
  await controlTasks(context, actor, ExecutionId, tasks, 'runTask', NotifyNote)
}

const namesTasks = ({ LoopItem, TaskExecutionId, TaskExecutionIds, Parameters }: Input) =>
  LoopItem !== undefined ||
  TaskExecutionId !== undefined ||
  TaskExecutionIds !== undefined ||
  Parameters.instanceId !== undefined

type Named = { readonly ordinals: readonly number[] } | { readonly instanceIds: readonly string[] }

/** @throws RequestParameterMissing, TaskNotFound */
async function findTasks({ context, actor }: OosCall, input: Input, { origin }: ShownExecution): Promise<Named> {
  const { ExecutionId, TaskExecutionId, TaskExecutionIds = [] } = input
  const ids = [...new Set([...TaskExecutionIds, ...(TaskExecutionId === undefined ? [] : [TaskExecutionId])])]
  if (ids.length > 0) {
    return {
      ordinals: ids.map((task) => {
        const parsed = parseTaskId(task)
        if (parsed?.executionId === ExecutionId && typeof parsed.part === 'number') return parsed.part
        throw chandlerError('TaskNotFound', { id: ExecutionId, task })
      }),
    }
  }
  const item = input.LoopItem ?? input.Parameters.instanceId
  if (typeof item !== 'string') throw chandlerError('RequestParameterMissing', { name: 'TaskExecutionId' })
  const [aliased] = Object.entries(origin.aliases).find(([, alias]) => alias === item) ?? []
  if (aliased !== undefined) return { instanceIds: [aliased] }
  const [found] = (await matchInstanceIds(context, actor, [item])).get(item) ?? []
  return { instanceIds: [found ?? item] }
}

async function findNext({ context, actor }: OosCall, { view: { execution } }: ShownExecution): Promise<number> {
  const order = { by: 'ordinal', ascending: true } as const
  const [task] = await readTaskPage(context, actor, execution.id, { status: 'Pending' }, { order, limit: 1 })
  if (task) return task.ordinal
  throw chandlerError('TaskNotFound', { id: execution.id, task: 'that has not been run' })
}

/** What a task runs with was frozen when the execution started: the same values may be said again, and no others. */
async function refuseOtherParameters(
  { context, actor }: OosCall,
  { ExecutionId, Parameters }: Input,
  { view, origin }: ShownExecution,
  named: Named,
): Promise<void> {
  if (Object.keys(Parameters).length === 0 || !('ordinals' in named)) {
    refuseOthers(Parameters, new Set(['instanceId']), origin.parameters)
    return
  }
  const order = { by: 'ordinal', ascending: true } as const
  const [ordinal] = named.ordinals
  const [task] = await readTaskPage(context, actor, ExecutionId, { ordinal }, { order, limit: 1 })
  const properties = task ? JSON.parse(showTask(view, origin, task, undefined).Properties) : {}
  refuseOthers(Parameters, new Set(), properties)
}

function refuseOthers(
  given: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  frozen: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(given)) {
    if (known.has(name) || JSON.stringify(value) === JSON.stringify(frozen[name])) continue
    const reason = 'is not what the execution was started with, and that cannot be changed'
    throw chandlerError('RequestParameterInvalid', { name: `Parameters.${name}`, reason })
  }
}
