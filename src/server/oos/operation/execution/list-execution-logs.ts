import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { isEnded } from '../../../../core/execution/execution.ts'
import {
  type OutputPlace,
  type OutputRow,
  readOutput,
  readTaskPage,
  type TaskRow,
} from '../../../app/execution/read-executions.ts'
import { executionId } from '../../execution/labels.ts'
import { type LogLine, listTaskLines, splitLines } from '../../execution/log-lines.ts'
import { templateOf } from '../../execution/origin.ts'
import { readShown, type ShownExecution } from '../../execution/read-shown.ts'
import { showReason } from '../../execution/show-reason.ts'
import { parseTaskId, showTaskId, type TaskTreePart } from '../../execution/task-id.ts'
import { defineOperation, type OosCall } from '../../operation.ts'
import { maxResults, nextToken, oneOf, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { showTime } from '../../rpc/show-time.ts'

const name = 'ListExecutionLogs'

const parameters = z.strictObject({
  ExecutionId: executionId(),
  LogType: oneOf('System', 'Stdout', 'Stderr').optional(),
  MaxResults: maxResults(),
  NextToken: nextToken(),
  TaskExecutionId: text(80).optional(),
})
type Input = z.infer<typeof parameters>

/**
 * The position of a line: before all tasks (ordinal 0), at a task (phase 0: start, 1: output, 2:
 * end), or after all. In output it names the previous piece, and the number of lines of the next
 * piece that were returned already.
 */
interface LogPlace {
  readonly ordinal: number
  readonly phase: 0 | 1 | 2
  readonly piece?: OutputPlace | undefined
  readonly lines: number
}
interface Entry {
  readonly line: LogLine
  /** The position of this line; the next page begins after it. */
  readonly place: LogPlace
}

const afterAll = 2_000_000_000

const placeSchema = z.tuple([
  z.string(),
  z.int(),
  z.union([z.literal(0), z.literal(1), z.literal(2)]),
  z.int(),
  z.tuple([z.int(), z.int(), z.iso.datetime(), z.int(), z.int()]).nullable(),
])

/**
 * System events and output, task by task. The cost depends on the page only, not on the number of
 * tasks or the size of their output.
 */
export const listExecutionLogs = defineOperation({
  name,
  state: 'works',
  parameters,
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run(call, input) {
    const { ExecutionId, MaxResults, NextToken, LogType = 'all', TaskExecutionId = 'all' } = input
    const scope = `${ExecutionId} ${LogType} ${TaskExecutionId}`
    const place = readPlace(
      parseNextToken(
        name,
        NextToken,
        placeSchema.refine(([given]) => given === scope),
      ),
    )
    const shown = await readShown(call, ExecutionId)
    if (!shown) throw chandlerError('ExecutionNotFound', { id: ExecutionId })
    const entries = await listEntries(call, input, shown, place)
    const page = makeOosPage(
      name,
      entries,
      MaxResults,
      ({ place: { ordinal, phase, piece, lines } }) => [
        scope,
        ordinal,
        phase,
        lines,
        piece ? [piece.ordinal, piece.attempt, piece.at.toISOString(), piece.stream, piece.startByte] : null,
      ],
      ({ line }) => line,
    )
    return { ExecutionLogs: page.items, IsTruncated: page.NextToken !== '', MaxResults, NextToken: page.NextToken }
  },
})

function readPlace(place: z.infer<typeof placeSchema> | undefined): LogPlace {
  if (!place) return { ordinal: 0, phase: 0, lines: 0 }
  const [, ordinal, phase, lines, piece] = place
  if (!piece) return { ordinal, phase, lines }
  const [of, attempt, at, stream, startByte] = piece
  return { ordinal, phase, lines, piece: { ordinal: of, attempt, at: new Date(at), stream, startByte } }
}

/** The lines after a position, up to one more than the page contains. */
async function listEntries(call: OosCall, input: Input, shown: ShownExecution, after: LogPlace): Promise<Entry[]> {
  const limit = input.MaxResults + 1
  const part = input.TaskExecutionId === undefined ? undefined : parseTaskId(input.TaskExecutionId)
  if (input.TaskExecutionId !== undefined && part?.executionId !== input.ExecutionId) return []
  const tops = listTopEntries(shown).filter(
    ({ line, place }) => wants(input, line, part?.part) && isAfter(place, after),
  )
  const entries = tops.filter(({ place }) => place.ordinal === 0)
  if (part === undefined || typeof part.part === 'number') {
    let from = after
    while (entries.length < limit) {
      const found = await listTaskEntries(call, input, shown, { from, ordinal: part?.part as number | undefined })
      entries.push(...found.entries.filter(({ line }) => wants(input, line, undefined)))
      if (found.next === undefined) break
      from = found.next
    }
  }
  return [...entries, ...tops.filter(({ place }) => place.ordinal === afterAll)].slice(0, limit)
}

const wants = ({ LogType, TaskExecutionId }: Input, line: LogLine, part: TaskTreePart | undefined) =>
  (LogType === undefined || line.LogType === LogType) &&
  (part === undefined || line.TaskExecutionId === TaskExecutionId)

const isAfter = (one: LogPlace, other: LogPlace) =>
  one.ordinal !== other.ordinal ? one.ordinal > other.ordinal : one.lines > other.lines

function listTopEntries({ view: { execution }, origin }: ShownExecution): Entry[] {
  const { selectTask, loopTask } = templateOf(origin)
  const entry = (part: TaskTreePart, Message: string, at: Date, ordinal: number, lines: number): Entry => ({
    line: { LogType: 'System', Message, TaskExecutionId: showTaskId(execution.id, part), Timestamp: showTime(at) },
    place: { ordinal, phase: 2, lines },
  })
  const { created_at: createdAt, ended_at: endedAt, status, task_count: count } = execution
  const outcome = status === 'Success' ? 'completed' : status === 'Failed' ? 'failed' : 'was cancelled'
  return [
    entry('select', `The task ${selectTask} completed: ${count} instances.`, createdAt, 0, 1),
    entry('loop', `The task ${loopTask.name} started.`, createdAt, 0, 2),
    ...(isEnded(status) && endedAt
      ? [entry('loop', `The task ${loopTask.name} ${outcome}: ${showReason(execution)}`, endedAt, afterAll, 1)]
      : []),
  ]
}

/** Tasks and pieces of output per query. */
const tasksAtOnce = 101
const piecesAtOnce = 20

/** The lines of the next tasks; `next` is the position to continue from, absent at the end. */
async function listTaskEntries(
  { context, actor }: OosCall,
  { ExecutionId, LogType }: Input,
  { origin }: ShownExecution,
  { from, ordinal }: { readonly from: LogPlace; readonly ordinal: number | undefined },
): Promise<{ readonly entries: Entry[]; readonly next: LogPlace | undefined }> {
  if (from.ordinal === afterAll) return { entries: [], next: undefined }
  const order = { by: 'ordinal', ascending: true } as const
  // A task whose end was returned is complete; any other is queried again.
  const after = from.phase === 2 ? from.ordinal : from.ordinal - 1
  const page = { order, after: { ordinal: Math.max(0, after) }, limit: tasksAtOnce }
  const tasks = await readTaskPage(context, actor, ExecutionId, { begun: true, ordinal }, page)
  const [first] = tasks
  if (!first) return { entries: [], next: undefined }
  const place = from.piece ?? { ordinal: Math.max(after + 1, 1), attempt: 0, at: new Date(0), stream: 0, startByte: 0 }
  const instanceId = ordinal === undefined ? undefined : first.instance_id
  const stream = LogType === undefined ? undefined : streams[LogType]
  const pieces =
    stream === 'none'
      ? []
      : await readOutput(context, actor, ExecutionId, { instanceId, stream, after: place, limit: piecesAtOnce })
  const last = tasks.at(-1) as TaskRow
  // Pieces of tasks beyond those that were read are read again with their tasks.
  const cut =
    pieces.length === piecesAtOnce && (pieces.at(-1) as OutputRow).ordinal <= last.ordinal ? pieces.at(-1) : undefined
  const entries: Entry[] = []
  for (const task of tasks) {
    if (cut && task.ordinal > cut.ordinal) break
    const own = pieces.filter((piece) => piece.ordinal === task.ordinal)
    const resumed = from.ordinal === task.ordinal ? from : undefined
    entries.push(...listPieceEntries(task, own, origin, resumed, cut?.ordinal === task.ordinal))
  }
  if (cut) return { entries, next: { ordinal: cut.ordinal, phase: 1, piece: cut, lines: 0 } }
  if (tasks.length < tasksAtOnce) return { entries, next: undefined }
  if (stream === undefined || stream === 'none') return { entries, next: { ordinal: last.ordinal, phase: 2, lines: 0 } }
  // If only output is requested, tasks without output are skipped.
  const beyond = pieces.find((piece) => piece.ordinal > last.ordinal)
  return { entries, next: beyond && { ordinal: beyond.ordinal - 1, phase: 2, lines: 0 } }
}

const streams = { System: 'none', Stdout: 'stdout', Stderr: 'stderr' } as const

/**
 * @param hasMore more output of the task follows these pieces: its end is not returned yet
 */
function listPieceEntries(
  task: TaskRow,
  pieces: readonly OutputRow[],
  origin: ShownExecution['origin'],
  from: LogPlace | undefined,
  hasMore: boolean,
): Entry[] {
  const { ordinal } = task
  const item = origin.aliases[task.instance_id] ?? task.instance_id
  const { before, after } = listTaskLines({ name: templateOf(origin).loopTask.name, task, item })
  const taskId = showTaskId(task.execution_id, ordinal)
  const entries: Entry[] = []
  if (from === undefined)
    entries.push(...before.map((line) => ({ line, place: { ordinal, phase: 0 as const, lines: 0 } })))
  let previous: OutputPlace | undefined = from?.piece
  let skipped = from?.phase === 1 ? from.lines : 0
  for (const piece of pieces) {
    for (const [index, line] of splitLines(piece, taskId).entries()) {
      if (index >= skipped) entries.push({ line, place: { ordinal, phase: 1, piece: previous, lines: index + 1 } })
    }
    skipped = 0
    previous = piece
  }
  if (!hasMore) entries.push(...after.map((line) => ({ line, place: { ordinal, phase: 2 as const, lines: 0 } })))
  return entries
}
