import { chandlerError } from '../../core/errors.ts'
import type { ExecutionStatus, TaskStatus } from '../../core/execution.ts'
import type { ExecutionId } from '../../core/id.ts'
import type { TaskCount } from '../../core/task-counts.ts'
import { type ExecutionRow, getExecution, listExecutions } from '../../store/executions.ts'
import { listInvocationsOfTask } from '../../store/invocations.ts'
import {
  listNewOutputChunks,
  listOutputChunks,
  type OutputPlace,
  type OutputStream,
} from '../../store/output-chunks.ts'
import { listTaskCounts } from '../../store/task-counts.ts'
import { listChangedTasks, listTasks, type TaskRow } from '../../store/task-executions.ts'
import type { Actor, AppContext } from './context.ts'

export type { TaskRow }
export type InvocationRow = Awaited<ReturnType<typeof listInvocationsOfTask>>[number]
export type OutputRow = Awaited<ReturnType<typeof listOutputChunks>>[number]

/** An execution with its counters. */
export interface ExecutionView {
  readonly execution: ExecutionRow
  readonly counts: readonly TaskCount[]
}

type Reading = Pick<AppContext, 'database'>

export async function readExecution(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionView> {
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return { execution, counts: (await listTaskCounts(database, [execution.id])).get(execution.id) ?? [] }
}

/** Nothing but where it stands: for those who look often. */
export async function readStatus(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionStatus> {
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return execution.status
}

/** Newest first. */
export async function readExecutions(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  filter: {
    readonly status?: ExecutionStatus | undefined
    readonly extension?: string | undefined
    readonly after?: { readonly createdAt: Date; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<ExecutionView[]> {
  const executions = await listExecutions(database, { accountId: actor.accountId, ...filter })
  const counts = await listTaskCounts(
    database,
    executions.map(({ id }) => id),
  )
  return executions.map((execution) => ({ execution, counts: counts.get(execution.id) ?? [] }))
}

export async function readTasks(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  filter: {
    readonly status?: TaskStatus | undefined
    readonly batch?: number | undefined
    readonly instanceId?: string | undefined
    readonly afterOrdinal?: number | undefined
    readonly limit: number
  },
): Promise<TaskRow[]> {
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return listTasks(database, { executionId: execution.id, ...filter })
}

export async function readTask(
  context: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  instanceId: string,
): Promise<{ task: TaskRow; invocations: InvocationRow[] }> {
  const [task] = await readTasks(context, actor, id, { instanceId, limit: 1 })
  if (!task) throw chandlerError('TaskNotFound', { id, task: instanceId })
  return { task, invocations: await listInvocationsOfTask(context.database, task.execution_id, task.ordinal) }
}

/** Tasks changed after a place, oldest change first: for event streams. The caller has read the execution. */
export const readChangedTasks = (
  { database }: Reading,
  id: ExecutionId,
  after: { readonly revision: number; readonly ordinal: number },
  limit: number,
): Promise<TaskRow[]> => listChangedTasks(database, id, after, limit)

export async function readOutput(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  filter: {
    readonly instanceId?: string | undefined
    readonly stream?: OutputStream | undefined
    readonly after?: OutputPlace | undefined
    readonly limit: number
  },
): Promise<OutputRow[]> {
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return listOutputChunks(database, { executionId: execution.id, ...filter })
}

/**
 * Output that was not seen yet, and notes in `seen` (bytes seen per invocation and stream) that it is now. `all` looks at every task;
 * otherwise only at those that run or ended a moment ago, so that following costs what is printed, not what was.
 */
export async function readNewOutput(
  { database }: Reading,
  id: ExecutionId,
  options: {
    readonly instanceId: string | undefined
    readonly seen: Map<string, number>
    readonly all: boolean
    readonly limit: number
  },
): Promise<OutputRow[]> {
  const { seen } = options
  const rows = await listNewOutputChunks(database, { executionId: id, ...options })
  // By time for the reader; but never a stream out of its order, even if the instance's clock was set back meanwhile.
  const latest = new Map<string, number>()
  const timed = rows.map((row) => {
    const key = `${row.invocationId} ${row.stream}`
    seen.set(key, row.startByte + row.data.length)
    const time = Math.max(row.at.getTime(), latest.get(key) ?? 0)
    latest.set(key, time)
    return { row, time }
  })
  return timed.toSorted((a, b) => a.time - b.time).map(({ row }) => row)
}
