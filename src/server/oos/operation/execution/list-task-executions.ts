import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { executionStatuses } from '../../../../core/execution/execution.ts'
import { readTaskPage, type TaskOrder, type TaskPlace, type TaskRow } from '../../../app/execution/read-executions.ts'
import { readOutputTails } from '../../../app/output/read-output-tails.ts'
import { executionId } from '../../execution/labels.ts'
import { type OosTaskStatus, ofOosTaskStatus, oosTaskStatuses } from '../../execution/oos-task-status.ts'
import { templateOf } from '../../execution/origin.ts'
import { readShown, type ShownExecution } from '../../execution/read-shown.ts'
import { showTask, showTopTasks } from '../../execution/show-task.ts'
import { parseTaskId, type TaskTreePart } from '../../execution/task-id.ts'
import { defineOperation, type OosCall } from '../../operation.ts'
import { boolean, instant, maxResults, nextToken, oneOf, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'

const name = 'ListTaskExecutions'

const parameters = z.strictObject({
  EndDateAfter: instant().optional(),
  EndDateBefore: instant().optional(),
  ExecutionId: executionId().optional(),
  IncludeChildTaskExecution: boolean().default(true),
  MaxResults: maxResults(),
  NextToken: nextToken(),
  ParentTaskExecutionId: text(80).optional(),
  SortField: oneOf('StartDate', 'EndDate', 'Status').default('StartDate'),
  SortOrder: oneOf('Ascending', 'Descending').default('Ascending'),
  StartDateAfter: instant().optional(),
  StartDateBefore: instant().optional(),
  Status: oneOf(
    ...oosTaskStatuses,
    ...executionStatuses.filter((one) => one === 'Waiting' || one === 'Queued'),
  ).optional(),
  TaskAction: text(200).optional(),
  TaskExecutionId: text(80).optional(),
  TaskName: text(200).optional(),
})
type Input = z.infer<typeof parameters>

/**
 * Sort order, then the position among the tasks of instances; or the id of one of the two parent
 * tasks and no ordinal.
 */
const placeSchema = z.tuple([z.string(), z.string().nullable(), z.int().nullable()])

export const listTaskExecutions = defineOperation({
  name,
  state: 'works',
  parameters,
  resources: (input) => [`execution/${findExecutionId(input) ?? '*'}`],
  async run(call, input) {
    const { MaxResults } = input
    const id = findExecutionId(input)
    if (id === undefined) throw chandlerError('RequestParameterMissing', { name: 'ExecutionId' })
    const shown = await readShown(call, id)
    const sorting = `${id} ${input.SortField} ${input.SortOrder}`
    const place = parseNextToken(
      name,
      input.NextToken,
      placeSchema.refine(([given]) => given === sorting),
    )
    if (!shown) return { TaskExecutions: [], MaxResults, NextToken: '' }
    const rows = await listRows(call, input, shown, place)
    const order = orders[input.SortField]
    const page = makeOosPage(
      name,
      rows,
      MaxResults,
      (row) =>
        'task' in row ? [sorting, keyOf(order, row.task), row.task.ordinal] : [sorting, row.top.TaskExecutionId, null],
      (row) => row,
    )
    const tasks = page.items.flatMap((row) => ('task' in row ? [row.task.ordinal] : []))
    const tails = await readOutputTails(call.context, shown.view.execution.id, tasks)
    return {
      TaskExecutions: page.items.map((row) =>
        'task' in row ? showTask(shown.view, shown.origin, row.task, tails.get(row.task.ordinal)) : row.top,
      ),
      MaxResults,
      NextToken: page.NextToken,
    }
  },
})

const orders = { StartDate: 'ordinal', EndDate: 'ended', Status: 'status' } as const

const keyOf = (order: TaskOrder['by'], task: TaskRow): string | null =>
  order === 'status' ? task.status : order === 'ended' ? (task.ended_at?.toISOString() ?? null) : null

type Row = { readonly task: TaskRow } | { readonly top: ReturnType<typeof showTopTasks>[number] }

function findExecutionId({ ExecutionId, TaskExecutionId, ParentTaskExecutionId }: Input): string | undefined {
  if (ExecutionId !== undefined) return ExecutionId
  return parseTaskId(TaskExecutionId ?? ParentTaskExecutionId ?? '')?.executionId
}

/**
 * Up to one more than the page contains. The two parent tasks precede those of the instances in
 * every sort order, and follow them in a reversed one.
 */
async function listRows(
  call: OosCall,
  input: Input,
  { view, origin }: ShownExecution,
  place: z.infer<typeof placeSchema> | undefined,
): Promise<Row[]> {
  const ascending = input.SortOrder === 'Ascending'
  const limit = input.MaxResults + 1
  const tops = showTopTasks(view, origin).filter((top) => matchesTop(input, top))
  const order: TaskOrder = { by: orders[input.SortField], ascending }
  const inTasks = place !== undefined && place[2] !== null
  const selection = selectTasks(input, view.execution.id, origin)
  const loadTasks = async (count: number): Promise<Row[]> => {
    if (selection === undefined || count <= 0) return []
    const page = { order, after: inTasks ? readPlace(order, place) : undefined, limit: count }
    const tasks = await readTaskPage(call.context, call.actor, view.execution.id, selection, page)
    return tasks.map((task) => ({ task }))
  }
  const above: Row[] = (ascending ? tops : tops.toReversed()).map((top) => ({ top }))
  const seen = above.findIndex((row) => 'top' in row && row.top.TaskExecutionId === place?.[1])
  const left = inTasks && ascending ? [] : above.slice(seen + 1)
  if (ascending) return [...left, ...(await loadTasks(limit - left.length))].slice(0, limit)
  const tasks = place === undefined || inTasks ? await loadTasks(limit) : []
  return [...tasks, ...left].slice(0, limit)
}

function readPlace(order: TaskOrder, [, key, ordinal]: z.infer<typeof placeSchema>): TaskPlace {
  const shown = key === null ? undefined : order.by === 'ended' ? new Date(key) : key
  return { key: shown, ordinal: ordinal ?? 0 }
}

function matchesTop(input: Input, top: ReturnType<typeof showTopTasks>[number]): boolean {
  const { Status, TaskName, TaskAction, TaskExecutionId, ParentTaskExecutionId } = input
  const within = (date: string, after: Date | undefined, before: Date | undefined) =>
    (after === undefined && before === undefined) ||
    (date !== '' && (!after || new Date(date) >= after) && (!before || new Date(date) <= before))
  return (
    ParentTaskExecutionId === undefined &&
    (Status === undefined || top.Status === Status) &&
    (TaskName === undefined || top.TaskName === TaskName) &&
    (TaskAction === undefined || top.TaskAction === TaskAction) &&
    (TaskExecutionId === undefined || top.TaskExecutionId === TaskExecutionId) &&
    within(top.StartDate, input.StartDateAfter, input.StartDateBefore) &&
    within(top.EndDate, input.EndDateAfter, input.EndDateBefore)
  )
}

/** Undefined if no task of an instance can match. */
function selectTasks(input: Input, id: string, origin: ShownExecution['origin']) {
  const { Status, TaskName, TaskAction, TaskExecutionId, ParentTaskExecutionId, IncludeChildTaskExecution } = input
  const loop = templateOf(origin).loopTask
  const isTask = (status: string | undefined): status is OosTaskStatus | undefined =>
    status === undefined || (oosTaskStatuses as readonly string[]).includes(status)
  if (!isTask(Status)) return undefined
  if ((TaskName ?? loop.name) !== loop.name || (TaskAction ?? loop.action) !== loop.action) return undefined
  if (ParentTaskExecutionId !== undefined && partOf(ParentTaskExecutionId, id) !== 'loop') return undefined
  if (ParentTaskExecutionId === undefined && TaskExecutionId === undefined && !IncludeChildTaskExecution)
    return undefined
  const ordinal = TaskExecutionId === undefined ? undefined : partOf(TaskExecutionId, id)
  if (TaskExecutionId !== undefined && typeof ordinal !== 'number') return undefined
  return {
    statuses: Status === undefined ? undefined : ofOosTaskStatus(Status),
    ordinal: ordinal as number | undefined,
    startedAfter: input.StartDateAfter,
    startedBefore: input.StartDateBefore,
    endedAfter: input.EndDateAfter,
    endedBefore: input.EndDateBefore,
  }
}

function partOf(taskId: string, id: string): TaskTreePart | undefined {
  const parsed = parseTaskId(taskId)
  return parsed?.executionId === id ? parsed.part : undefined
}
