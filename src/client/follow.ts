import { type ListChange, listChangeSchema } from '../protocol/api/events.ts'
import {
  type ExecutionView,
  executionSchema,
  type OutputChunk,
  outputChunkSchema,
  type TaskView,
  taskSchema,
} from '../protocol/api/executions.ts'
import { type FollowOptions, followEvents } from './event-stream.ts'
import { parseAnswer, pathOf, type Transport } from './transport.ts'

export type ExecutionEvent =
  | { readonly kind: 'execution'; readonly execution: ExecutionView }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskView[] }

const tasksSchema = taskSchema.array()
const chunksSchema = outputChunkSchema.array()

/** See GET /executions/{id}/events in protocol/api/executions.ts. Events of a name this client does not know are passed over. */
export async function* followExecution(
  transport: Transport,
  id: string,
  options: FollowOptions & { readonly after?: number },
): AsyncGenerator<ExecutionEvent, void> {
  const path = pathOf`/executions/${id}/events`
  for await (const { name, data } of followEvents(transport, path, { after: options.after }, options)) {
    if (name === 'execution') yield { kind: 'execution', execution: parseAnswer(path, data, executionSchema) }
    if (name === 'tasks') yield { kind: 'tasks', tasks: parseAnswer(path, data, tasksSchema) }
  }
}

/** A connection that was lost begins at the first byte again: what was said before is left out. */
export async function* followOutput(
  transport: Transport,
  id: string,
  options: FollowOptions & { readonly instanceId?: string | undefined },
): AsyncGenerator<readonly OutputChunk[], void> {
  const path = pathOf`/executions/${id}/output/follow`
  const lastOffsets = new Map<string, number>()
  const isNew = ({ invocationId, stream, offset }: OutputChunk) => {
    const key = `${invocationId} ${stream}`
    if (offset <= (lastOffsets.get(key) ?? -1)) return false
    lastOffsets.set(key, offset)
    return true
  }
  for await (const { name, data } of followEvents(transport, path, { instanceId: options.instanceId }, options)) {
    if (name !== 'output') continue
    const chunks = parseAnswer(path, data, chunksSchema).filter((chunk) => isNew(chunk))
    if (chunks.length > 0) yield chunks
  }
}

/**
 * What changed in the lists of the account, without end. The first of every connection names everything, so that whoever was away
 * asks again; see protocol/api/events.ts.
 */
export async function* followLists(transport: Transport, options: FollowOptions): AsyncGenerator<ListChange, void> {
  for await (const { name, data } of followEvents(transport, '/events', {}, options))
    if (name === 'changed') yield parseAnswer('/events', data, listChangeSchema)
}
