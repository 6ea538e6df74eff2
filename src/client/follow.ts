import { type ListChange, listChangeSchema } from '../protocol/api/events.ts'
import {
  batchesSchema,
  type ExecutionView,
  executionChangeSchema,
  executionSchema,
  type OutputChunk,
  outputChunkSchema,
  type TaskView,
  taskSchema,
} from '../protocol/api/executions.ts'
import type { Topic } from '../protocol/api/streams.ts'
import type { ServerEvent } from './event-parser.ts'
import { type FollowOptions, followEvents, readWhileFollowing } from './event-stream.ts'
import { parseAnswer, pathOf, type Transport } from './transport.ts'

export type ExecutionEvent =
  | { readonly kind: 'execution'; readonly execution: ExecutionView }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskView[] }

const tasksSchema = taskSchema.array()
const chunksSchema = outputChunkSchema.array()

export type FollowExecutionOptions = FollowOptions & {
  /** Revision to continue after. */
  readonly after?: number
  /** The execution as the caller read it; absent: it is read first. */
  readonly known?: ExecutionView
}

/**
 * See GET /executions/{id}/events in protocol/api/executions.ts. The stream does not repeat
 * targets, which never change, nor unchanged batches: this function merges them. It ignores events
 * with unknown names.
 */
export async function* followExecution(
  transport: Transport,
  id: string,
  options: FollowExecutionOptions,
): AsyncGenerator<ExecutionEvent, void> {
  const path = pathOf`/executions/${id}/events`
  const read = () => transport.request('GET', pathOf`/executions/${id}`, executionSchema, { signal: options.signal })
  let known = options.known
  for await (const { name, data } of eventsOf(
    transport,
    { kind: 'execution', id, place: options.after?.toString() },
    options,
  )) {
    switch (name) {
      case 'batches': {
        const changed = new Map(parseAnswer(path, data, batchesSchema).map((batch) => [batch.number, batch]))
        known ??= await readWhileFollowing(read, options)
        known = { ...known, batches: known.batches.map((batch) => changed.get(batch.number) ?? batch) }
        break
      }
      case 'execution': {
        const change = parseAnswer(path, data, executionChangeSchema)
        known ??= await readWhileFollowing(read, options)
        // Nor does the stream repeat the request.
        known = { ...known, ...change, rateControl: { ...known.rateControl, ...change.rateControl } }
        yield { kind: 'execution', execution: known }
        break
      }
      case 'tasks':
        yield { kind: 'tasks', tasks: parseAnswer(path, data, tasksSchema) }
        break
      default:
    }
  }
}

/**
 * A new connection starts at the first byte again: bytes that were already delivered are skipped.
 */
export async function* followOutput(
  transport: Transport,
  id: string,
  options: FollowOptions & { readonly instanceId?: string | undefined },
): AsyncGenerator<readonly OutputChunk[], void> {
  const path = pathOf`/executions/${id}/output/follow`
  const topic = { kind: 'output' as const, id, instanceId: options.instanceId }
  const lastOffsets = new Map<string, number>()
  const isNew = ({ invocationId, stream, offset }: OutputChunk) => {
    const key = `${invocationId} ${stream}`
    if (offset <= (lastOffsets.get(key) ?? -1)) return false
    lastOffsets.set(key, offset)
    return true
  }
  for await (const { name, data } of eventsOf(transport, topic, options)) {
    if (name !== 'output') continue
    const chunks = parseAnswer(path, data, chunksSchema).filter((chunk) => isNew(chunk))
    if (chunks.length > 0) yield chunks
  }
}

/**
 * Changes in the lists of the account, without end. The first event of every connection names all
 * lists, so that a client that was disconnected reloads them; see protocol/api/events.ts.
 */
export async function* followLists(transport: Transport, options: FollowOptions): AsyncGenerator<ListChange, void> {
  for await (const { name, data } of eventsOf(transport, { kind: 'lists' }, options))
    if (name === 'changed') yield parseAnswer('/events', data, listChangeSchema)
}

/** The route of each topic that is not multiplexed. */
function eventsOf(transport: Transport, topic: Topic, options: FollowOptions): AsyncIterable<ServerEvent> {
  if (options.source) return options.source(topic, options.signal)
  switch (topic.kind) {
    case 'lists':
      return followEvents(transport, '/events', {}, options)
    case 'execution':
      return followEvents(transport, pathOf`/executions/${topic.id}/events`, { after: topic.place }, options)
    case 'output': {
      const query = { instanceId: topic.instanceId }
      return followEvents(transport, pathOf`/executions/${topic.id}/output/follow`, query, options)
    }
  }
}
