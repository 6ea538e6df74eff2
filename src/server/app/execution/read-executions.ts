import { chandlerError } from '../../../core/error/errors.ts'
import type { ExecutionStatus, TaskStatus } from '../../../core/execution/execution.ts'
import type { TaskCount } from '../../../core/execution/task-counts.ts'
import type { ExecutionId } from '../../../core/id.ts'
import {
  type AskedFor,
  countExecutions,
  type ExecutionFilter,
  type ExecutionOrder,
  type ExecutionPlace,
  listAskedFor,
  listExecutionRows,
} from '../../../store/execution/execution-lists.ts'
import {
  type ExecutionRow,
  getExecution,
  getExecutionStatus,
  getNarrowExecution,
  type NarrowExecutionRow,
} from '../../../store/execution/executions.ts'
import { listInvocationsOfTask } from '../../../store/report/invocations.ts'
import {
  type InvocationPlace,
  listInvocationPlaces,
  listNewOutputChunks,
  listOutputChunks,
  type OutputRowPlace,
  type OutputStream,
  streamNumbersInOrder,
} from '../../../store/report/output-chunks.ts'
import { listTaskCounts } from '../../../store/task/task-counts.ts'
import { listChangedTasks, listTasks, type TaskRow } from '../../../store/task/task-executions.ts'
import { listTaskPage, type TaskOrder, type TaskPlace, type TaskSelection } from '../../../store/task/task-lists.ts'
import type { Actor, AppContext } from '../context.ts'

export type {
  AskedFor,
  ExecutionOrder,
  ExecutionPlace,
  OutputRowPlace as OutputPlace,
  TaskOrder,
  TaskPlace,
  TaskRow,
  TaskSelection,
}
export type InvocationRow = Awaited<ReturnType<typeof listInvocationsOfTask>>[number]
export type OutputRow = Awaited<ReturnType<typeof listOutputChunks>>[number]

/** An execution with its counters. */
export interface ExecutionSummaryRecord {
  readonly execution: NarrowExecutionRow
  readonly counts: readonly TaskCount[]
}

/** An execution with its counters and all fields. */
export interface ExecutionRecord extends ExecutionSummaryRecord {
  readonly execution: ExecutionRow
}

type Reading = Pick<AppContext, 'database'>

export async function readExecution(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionRecord> {
  const execution = await getExecution(database, actor.accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return { execution, counts: (await listTaskCounts(database, [execution.id])).get(execution.id) ?? [] }
}

/** Without the large fields: targets and the script of a command. */
export async function readExecutionSummary(
  { database }: Reading,
  { accountId }: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionSummaryRecord> {
  const execution = await getNarrowExecution(database, accountId, id)
  if (!execution) throw chandlerError('ExecutionNotFound', { id })
  return { execution, counts: (await listTaskCounts(database, [execution.id])).get(execution.id) ?? [] }
}

/** Only the status, for frequent queries. */
export async function readStatus(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<ExecutionStatus> {
  const status = await getExecutionStatus(database, actor.accountId, id)
  if (!status) throw chandlerError('ExecutionNotFound', { id })
  return status
}

/** The filter of a list of executions. */
export type ExecutionSelection = Omit<ExecutionFilter, 'accountId'>

/** Newest first by default. */
export async function readExecutions(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  selection: ExecutionSelection,
  page: { readonly order?: ExecutionOrder; readonly after?: ExecutionPlace | undefined; readonly limit: number },
): Promise<ExecutionSummaryRecord[]> {
  const executions = await listExecutionRows(database, { ...selection, accountId: actor.accountId }, page)
  const counts = await listTaskCounts(
    database,
    executions.map(({ id }) => id),
  )
  return executions.map((execution) => ({ execution, counts: counts.get(execution.id) ?? [] }))
}

/** The original requests of executions; larger targets are omitted. */
export const readAskedFor = (
  { database }: Reading,
  { accountId }: Pick<Actor, 'accountId'>,
  ids: readonly ExecutionId[],
  maxTargetsLength: number,
): Promise<Map<ExecutionId, AskedFor>> => listAskedFor(database, accountId, ids, maxTargetsLength)

export const countSelected = (
  { database }: Reading,
  { accountId }: Pick<Actor, 'accountId'>,
  selection: ExecutionSelection,
): Promise<number> => countExecutions(database, { ...selection, accountId })

export async function readTasks(
  context: Reading,
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
  await readStatus(context, actor, id)
  return listTasks(context.database, { executionId: id as ExecutionId, ...filter })
}

/** A sorted page of tasks; empty if the execution does not exist. */
export async function readTaskPage(
  { database }: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  selection: TaskSelection,
  page: { readonly order: TaskOrder; readonly after?: TaskPlace | undefined; readonly limit: number },
): Promise<TaskRow[]> {
  const status = await getExecutionStatus(database, actor.accountId, id)
  return status ? listTaskPage(database, id as ExecutionId, selection, page) : []
}

/**
 * Refuses an instance without a task in the execution: an empty result would mean that it printed
 * nothing there.
 * @throws TaskNotFound
 */
export async function requireTask({ database }: Reading, id: string, instanceId: string | undefined): Promise<void> {
  if (instanceId === undefined) return
  const [task] = await listTasks(database, { executionId: id as ExecutionId, instanceId, limit: 1 })
  if (!task) throw chandlerError('TaskNotFound', { id, task: instanceId })
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

/** Every attempt of a task, oldest first. The caller has loaded the execution. */
export const readTaskInvocations = (
  { database }: Reading,
  id: ExecutionId,
  ordinal: number,
): Promise<InvocationRow[]> => listInvocationsOfTask(database, id, ordinal)

/**
 * Tasks that changed after a position, oldest change first, for event streams. The caller has
 * loaded the execution.
 */
export const readChangedTasks = (
  { database }: Reading,
  id: ExecutionId,
  after: { readonly revision: number; readonly ordinal: number },
  limit: number,
): Promise<TaskRow[]> => listChangedTasks(database, id, after, limit)

export async function readOutput(
  context: Reading,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  filter: {
    readonly instanceId?: string | undefined
    readonly stream?: OutputStream | undefined
    readonly after?: OutputRowPlace | undefined
    readonly limit: number
  },
): Promise<OutputRow[]> {
  await readStatus(context, actor, id)
  await requireTask(context, id, filter.instanceId)
  return listOutputChunks(context.database, { executionId: id as ExecutionId, ...filter })
}

/** Chunks have up to 64 KiB, and a third more as JSON: a page of this many stays below 10 MB. */
export const maxChunksPerPage = 100
/** Invocations per query for output. */
const invocationsAtOnce = 1_000

/**
 * Yields unread output page by page, and records it in `seen` (bytes by invocation and stream).
 * Without `endedWithinMs` of every task; otherwise of open invocations and those that ended no
 * longer ago, so that the cost of following depends on new output only: earlier ones are removed
 * from `seen`.
 */
export async function* readNewOutput(
  { database }: Reading,
  executionId: ExecutionId,
  options: {
    readonly instanceId: string | undefined
    readonly seen: Map<string, number>
    readonly endedWithinMs: number | undefined
  },
): AsyncGenerator<OutputRow[]> {
  const { instanceId, seen, endedWithinMs } = options
  const forgotten = new Set(endedWithinMs === undefined ? [] : seen.keys())
  let after: InvocationPlace | undefined
  do {
    const filter = { executionId, instanceId, endedWithinMs, after, limit: invocationsAtOnce }
    const invocations = await listInvocationPlaces(database, filter)
    const streams = invocations.flatMap(({ id }) =>
      streamNumbersInOrder.map((stream) => ({ invocationId: id, stream })),
    )
    for (const stream of streams) forgotten.delete(seenKey(stream))
    for (let rows: OutputRow[] | undefined; streams.length > 0 && (!rows || rows.length === maxChunksPerPage); ) {
      const places = streams.map((stream) => ({ ...stream, bytes: seen.get(seenKey(stream)) ?? 0 }))
      rows = await listNewOutputChunks(database, places, maxChunksPerPage)
      for (const row of rows) seen.set(seenKey(row), row.startByte + row.data.length)
      if (rows.length > 0) yield inOrderOfTime(rows)
    }
    after = invocations.length === invocationsAtOnce ? invocations.at(-1) : undefined
  } while (after)
  for (const key of forgotten) seen.delete(key)
}

const seenKey = ({ invocationId, stream }: { readonly invocationId: string; readonly stream: number }) =>
  `${invocationId} ${stream}`

/**
 * By time for the reader, but each stream in its own order, even if the instance's clock was set
 * back meanwhile.
 */
function inOrderOfTime(rows: readonly OutputRow[]): OutputRow[] {
  const latest = new Map<string, number>()
  const timed = rows.map((row) => {
    const time = Math.max(row.at.getTime(), latest.get(seenKey(row)) ?? 0)
    latest.set(seenKey(row), time)
    return { row, time }
  })
  return timed.toSorted((a, b) => a.time - b.time).map(({ row }) => row)
}
