import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import type { TaskControl } from '../../../../core/execution/control-task.ts'
import { maxNoteLength } from '../../../../core/limits.ts'
import { controlExecution } from '../../../app/execution/control-execution.ts'
import { controlTasks } from '../../../app/execution/control-tasks.ts'
import { readTask, readTaskPage } from '../../../app/execution/read-executions.ts'
import { matchInstanceIds } from '../../../app/instance/get-instance.ts'
import { isSame } from '../../execution/is-same.ts'
import { executionId } from '../../execution/labels.ts'
import { givenParameters, templateOf } from '../../execution/origin.ts'
import { readShown, type ShownExecution } from '../../execution/read-shown.ts'
import { showTask } from '../../execution/show-task.ts'
import { parseTaskId } from '../../execution/task-id.ts'
import { defineOperation, type OosCall } from '../../operation.ts'
import { jsonText, listText, oneOf, text } from '../../rpc/fields.ts'

const parameters = z.strictObject({
  ExecutionId: executionId(),
  ExecutionStatus: oneOf('Success', 'Failed', 'Cancelled').optional(),
  LoopItem: text(128).optional(),
  NotifyNote: text(maxNoteLength).optional(),
  NotifyType: oneOf('Approve', 'Reject', 'ExecuteTask', 'CancelTask', 'CompleteExecution', 'RetryTask', 'SkipTask'),
  Parameters: jsonText(z.record(z.string(), z.unknown())).default({}),
  TaskExecutionId: text(80).optional(),
  TaskExecutionIds: listText({ max: 1_000 }).optional(),
  TaskName: text(200).optional(),
})
type Input = z.infer<typeof parameters>

/** Resumes, approves or rejects a waiting execution, or controls its tasks (reference §5.5). */
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
    await checkNames(call, input, shown)
    switch (NotifyType) {
      case 'Approve':
        refuseUnasked(input, shown, 'approve')
        await controlExecution(context, actor, ExecutionId, 'resume', { note })
        break
      case 'Reject':
        refuseUnasked(input, shown, 'reject')
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

/**
 * An approval is only valid while the execution waits, and the task that selects the instances
 * never waits.
 */
function refuseUnasked(input: Input, { view: { execution }, origin }: ShownExecution, control: string): void {
  if (execution.status !== 'Waiting')
    throw chandlerError('ExecutionStateConflict', { id: execution.id, status: execution.status, control })
  const { selectTask } = templateOf(origin)
  if (input.TaskName === selectTask || listTaskIds(input).some((id) => parseTaskId(id)?.part === 'select'))
    throw chandlerError('TaskStateConflict', { task: selectTask, status: 'Success', control })
}

/**
 * Debug: runs the named task next. The task that selects the instances is complete when the
 * execution starts, so naming it changes nothing; naming the loop runs its next instance.
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

const listTaskIds = ({ TaskExecutionId, TaskExecutionIds = [] }: Input): readonly string[] => [
  ...new Set([...TaskExecutionIds, ...(TaskExecutionId === undefined ? [] : [TaskExecutionId])]),
]

/**
 * For every notification, all named tasks must belong to this execution and be the same task, so
 * that an approval for another task opens no batch here.
 * @throws TaskNotFound
 */
async function checkNames({ context, actor }: OosCall, input: Input, { view, origin }: ShownExecution): Promise<void> {
  const { ExecutionId, LoopItem, TaskName } = input
  const { selectTask, loopTask } = templateOf(origin)
  const refuse = (task: string) => chandlerError('TaskNotFound', { id: ExecutionId, task })
  if (TaskName !== undefined && TaskName !== selectTask && TaskName !== loopTask.name) throw refuse(TaskName)
  if (LoopItem !== undefined && TaskName === selectTask) throw refuse(`${TaskName} for ${LoopItem}`)
  const item =
    LoopItem === undefined
      ? undefined
      : await readTask(context, actor, ExecutionId, await findInstance({ context, actor }, LoopItem, origin))
  for (const id of listTaskIds(input)) {
    const { executionId, part } = parseTaskId(id) ?? {}
    const exists = part !== undefined && (typeof part !== 'number' || part <= view.execution.task_count)
    if (executionId !== ExecutionId || !exists) throw refuse(id)
    if (TaskName !== undefined && (TaskName === selectTask) !== (part === 'select')) throw refuse(`${id} (${TaskName})`)
    if (item && part !== 'loop' && part !== item.task.ordinal) throw refuse(`${id} for ${LoopItem}`)
  }
}

type Named = { readonly ordinals: readonly number[] } | { readonly instanceIds: readonly string[] }

/** @throws RequestParameterMissing, TaskNotFound */
async function findTasks({ context, actor }: OosCall, input: Input, { origin }: ShownExecution): Promise<Named> {
  const { ExecutionId } = input
  const ids = listTaskIds(input)
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
  return { instanceIds: [await findInstance({ context, actor }, item, origin)] }
}

/** Finds an instance by its own id or its cloud's; an unknown id is used unchanged. */
async function findInstance(
  { context, actor }: Pick<OosCall, 'context' | 'actor'>,
  item: string,
  { aliases }: ShownExecution['origin'],
): Promise<string> {
  const [aliased] = Object.entries(aliases).find(([, alias]) => alias === item) ?? []
  if (aliased !== undefined) return aliased
  const [found] = (await matchInstanceIds(context, actor, [item])).get(item) ?? []
  return found ?? item
}

async function findNext({ context, actor }: OosCall, { view: { execution } }: ShownExecution): Promise<number> {
  const order = { by: 'ordinal', ascending: true } as const
  const [task] = await readTaskPage(context, actor, execution.id, { status: 'Pending' }, { order, limit: 1 })
  if (task) return task.ordinal
  throw chandlerError('TaskNotFound', { id: execution.id, task: 'that has not been run' })
}

/**
 * The parameters of a task were frozen when the execution started: the same values may be sent
 * again, and no others.
 */
async function refuseOtherParameters(
  { context, actor }: OosCall,
  { ExecutionId, Parameters }: Input,
  { view, origin }: ShownExecution,
  named: Named,
): Promise<void> {
  if (Object.keys(Parameters).length === 0 || !('ordinals' in named)) {
    refuseOthers(Parameters, new Set(['instanceId']), [origin.parameters, givenParameters(origin)])
    return
  }
  const order = { by: 'ordinal', ascending: true } as const
  const [ordinal] = named.ordinals
  const [task] = await readTaskPage(context, actor, ExecutionId, { ordinal }, { order, limit: 1 })
  const properties = task ? JSON.parse(showTask(view, origin, task, undefined).Properties) : {}
  refuseOthers(Parameters, new Set(), [properties, givenParameters(origin)])
}

function refuseOthers(
  given: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  frozen: readonly Readonly<Record<string, unknown>>[],
): void {
  for (const [name, value] of Object.entries(given)) {
    if (known.has(name) || frozen.some((values) => isSame(value, values[name]))) continue
    const reason = 'is not what the execution was started with, and that cannot be changed'
    throw chandlerError('RequestParameterInvalid', { name: `Parameters.${name}`, reason })
  }
}
