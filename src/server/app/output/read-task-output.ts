import { chandlerError } from '../../../core/error/errors.ts'
import type { InvocationId } from '../../../core/id.ts'
import {
  listNewOutputChunks,
  listOutputChunks,
  type OutputRowPlace,
  type OutputStream,
  streamNumbersInOrder,
} from '../../../store/report/output-chunks.ts'
import type { Actor, AppContext } from '../context.ts'
import { maxChunksPerPage, type OutputRow, readTask } from '../execution/read-executions.ts'

export interface TaskOutputRequest {
  readonly instanceId: string
  /** Absent: both, by time. */
  readonly stream?: OutputStream | undefined
  /** Absent: all, one after the other. */
  readonly attempt?: number | undefined
}

/**
 * The complete output of a task so far, in pages. A single stream is in the order of its bytes,
 * also if the instance's clock was set back meanwhile.
 * @throws ExecutionNotFound, TaskNotFound, before the first page
 */
export async function openTaskOutput(
  context: Pick<AppContext, 'database'>,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  { instanceId, stream, attempt }: TaskOutputRequest,
): Promise<AsyncGenerator<readonly OutputRow[], void>> {
  const { task, invocations } = await readTask(context, actor, id, instanceId)
  const wanted = invocations.filter((one) => attempt === undefined || one.attempt === attempt)
  if (attempt !== undefined && wanted.length === 0)
    throw chandlerError('TaskNotFound', { id, task: `${instanceId}, attempt ${attempt}` })
  if (stream === undefined) return bothStreams(context, { executionId: task.execution_id, instanceId, attempt })
  const number = streamNumbersInOrder[stream === 'stdout' ? 0 : 1] as number
  return oneStream(
    context,
    wanted.map((invocation) => invocation.id as InvocationId),
    number,
  )
}

async function* bothStreams(
  { database }: Pick<AppContext, 'database'>,
  {
    attempt,
    ...filter
  }: Pick<Parameters<typeof listOutputChunks>[1], 'executionId' | 'instanceId'> & {
    readonly attempt: number | undefined
  },
): AsyncGenerator<readonly OutputRow[], void> {
  let after: OutputRowPlace | undefined
  for (;;) {
    const rows = await listOutputChunks(database, { ...filter, after, limit: maxChunksPerPage })
    const wanted = rows.filter((row) => attempt === undefined || row.attempt === attempt)
    if (wanted.length > 0) yield wanted
    after = rows.at(-1)
    if (rows.length < maxChunksPerPage || (attempt !== undefined && (after?.attempt ?? 0) > attempt)) return
  }
}

async function* oneStream(
  { database }: Pick<AppContext, 'database'>,
  invocationIds: readonly InvocationId[],
  stream: number,
): AsyncGenerator<readonly OutputRow[], void> {
  for (const invocationId of invocationIds) {
    let bytes = 0
    for (;;) {
      const rows = await listNewOutputChunks(database, [{ invocationId, stream, bytes }], maxChunksPerPage)
      if (rows.length > 0) yield rows
      const last = rows.at(-1)
      if (rows.length < maxChunksPerPage || !last) break
      bytes = last.startByte + last.data.length
    }
  }
}
